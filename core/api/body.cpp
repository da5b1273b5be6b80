#include "core/api/body.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>

namespace aitrade {

Result<Body> Body::parse(const std::string& text, std::span<const BodyField> fields) {
  Body body;
  if (text.empty()) return body;
  rapidjson::Document json;
  // Iterative: a deep body must not use up the stack.
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return fail(ErrorCode::invalid, "the body must be a JSON object");
  for (const auto& member : json.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    const auto field = std::find_if(fields.begin(), fields.end(),
        [&name](const BodyField& f) { return f.name == name; });
    if (field == fields.end()) return fail(ErrorCode::invalid, "unknown field in the body");
    if (body.has(name)) return fail(ErrorCode::invalid, "repeated field in the body");
    const rapidjson::Value& value = member.value;
    switch (field->kind) {
      case BodyField::Kind::text:
        if (!value.IsString() || value.GetStringLength() > field->most) {
          return fail(ErrorCode::invalid, name + " must be text of at most " + std::to_string(field->most) + " bytes");
        }
        body.texts_[name] = std::string(value.GetString(), value.GetStringLength());
        break;
      case BodyField::Kind::truth:
        if (!value.IsBool()) return fail(ErrorCode::invalid, name + " must be true or false");
        body.texts_[name] = value.GetBool() ? "true" : "false";
        break;
      case BodyField::Kind::integer:
        if (!value.IsInt64()) return fail(ErrorCode::invalid, name + " must be a whole number");
        body.texts_[name] = std::to_string(value.GetInt64());
        break;
    }
  }
  return body;
}

std::string Body::text(std::string_view name) const {
  const auto found = texts_.find(std::string(name));
  return found == texts_.end() ? std::string() : found->second;
}

std::optional<std::int64_t> Body::integer(std::string_view name) const {
  const std::string value = text(name);
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || ec != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  return number;
}

}  // namespace aitrade
