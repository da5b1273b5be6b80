#include "exchanges/kraken/json.h"

#include "exchanges/kraken/errors.h"

#include <charconv>
#include <cmath>

namespace aitrade::kraken {
namespace {

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

bool is_warning(std::string_view text) {
  return text.starts_with('W');
}

Result<const JsonValue*> error_list(const rapidjson::Document& document) {
  const JsonValue* errors = member(document, "error");
  if (errors == nullptr || !errors->IsArray()) return bad("answer without an error list");
  return errors;
}

}  // namespace

std::optional<std::uint64_t> unsigned_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> double_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

Result<Envelope> open_envelope(std::string_view body) {
  AITRADE_TRY(auto document, parse_json(body));
  AITRADE_TRY(const JsonValue* errors, error_list(document));
  std::vector<std::string> warnings;
  for (const JsonValue& error : errors->GetArray()) {
    const std::string_view text = text_of(&error);
    if (!is_warning(text)) return error_of(text);
    warnings.emplace_back(text);
  }
  if (member(document, "result") == nullptr) return bad("answer without a result");
  return Envelope{std::move(document), std::move(warnings)};
}

Result<std::vector<std::string>> error_texts(std::string_view body) {
  AITRADE_TRY(const auto document, parse_json(body));
  AITRADE_TRY(const JsonValue* errors, error_list(document));
  std::vector<std::string> texts;
  for (const JsonValue& error : errors->GetArray()) {
    const std::string_view text = text_of(&error);
    if (!is_warning(text)) texts.emplace_back(text);
  }
  return texts;
}

std::optional<Time> unix_time(std::string_view text) {
  constexpr std::int64_t ns_per_unit = 10;  // Money keeps 8 decimals: units of 10 ns
  const auto dot = text.find('.');
  const auto value = Money::parse(dot == std::string_view::npos ? text : text.substr(0, dot + 9));
  if (!value || value->raw() < 0 || value->raw() > std::int64_t{900'000'000'000'000'000}) {
    return std::nullopt;
  }
  return Time{value->raw() * ns_per_unit};
}

std::optional<Time> unix_time_at(const JsonValue& object, const char* name) {
  const auto time = unix_time(text_at(object, name));
  return time && time->ns != 0 ? time : std::nullopt;
}

std::optional<Time> time_at(const JsonValue& object, const char* name) {
  const std::string_view text = text_at(object, name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_time(text);
  return time ? std::optional{*time} : std::nullopt;
}

}  // namespace aitrade::kraken
