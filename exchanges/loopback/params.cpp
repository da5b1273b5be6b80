#include "exchanges/loopback/params.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

constexpr int depth_max = 6;
constexpr std::size_t children_max = 100;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void flatten(const rapidjson::Value& value, const std::string& name, int depth, Params& out) {
  if (depth > depth_max) return;
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      const std::string key(member.name.GetString(), member.name.GetStringLength());
      flatten(member.value, name.empty() ? key : name + "[" + key + "]", depth + 1, out);
    }
  } else if (value.IsArray()) {
    std::size_t i = 0;
    for (const auto& element : value.GetArray())
      flatten(element, name + "[" + std::to_string(i++) + "]", depth + 1, out);
  } else if (value.IsString()) {  // and numbers, which are parsed as strings
    out.set(name, {value.GetString(), value.GetStringLength()});
  } else if (value.IsBool()) {
    out.set(name, value.GetBool() ? "true" : "false");
  }
}

}  // namespace

std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string json_quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

Result<Params> Params::read(std::string_view body, std::string_view content_type) {
  if (content_type.starts_with("application/json")) return read_json(body);
  return read_form(body);
}

Params Params::read_form(std::string_view text) {
  Params out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    const std::size_t split = std::min(part.find('='), part.size());
    if (!part.empty()) {
      out.all_.emplace_back(
          form_decoded(part.substr(0, split)),
          split < part.size() ? form_decoded(part.substr(split + 1)) : std::string{});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<Params> Params::read_json(std::string_view text) {
  Params out;
  if (text.empty()) return out;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag>(
      text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) {
    return fail(ErrorCode::invalid, "not a JSON object");
  }
  flatten(document, "", 0, out);
  return out;
}

void Params::set(std::string name, std::string value) {
  all_.emplace_back(std::move(name), std::move(value));
}

void Params::remove(std::string_view name) {
  std::erase_if(all_, [&](const auto& entry) { return entry.first == name; });
}

std::optional<std::string> Params::find(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool Params::flag(std::string_view name) const {
  const std::string value = text(name);
  return value == "true" || value == "1" || value == "yes";
}

std::vector<std::string> Params::list(std::string_view name) const {
  std::vector<std::string> out;
  const std::string element = std::string(name) + "[";
  for (const auto& [key, value] : all_) {
    if (key != name && !(key.starts_with(element) && key.find(']') + 1 == key.size())) continue;
    std::size_t from = 0;
    while (from <= value.size()) {
      const std::size_t to = std::min(value.find(',', from), value.size());
      if (to > from) out.push_back(value.substr(from, to - from));
      from = to + 1;
    }
  }
  return out;
}

Params Params::child(std::string_view name) const {
  Params out;
  const std::string prefix = std::string(name) + "[";
  for (const auto& [key, value] : all_) {
    if (!key.starts_with(prefix)) continue;
    // "price]" is "price"; "triggers][price]" is "triggers[price]".
    std::string rest = key.substr(prefix.size());
    const std::size_t end = rest.find(']');
    if (end == std::string::npos) continue;
    rest.erase(end, 1);
    out.all_.emplace_back(std::move(rest), value);
  }
  return out;
}

std::vector<Params> Params::children(std::string_view name) const {
  std::vector<Params> out;
  for (std::size_t i = 0; i < children_max; ++i) {
    Params one = child(std::string(name) + "[" + std::to_string(i) + "]");
    if (one.all_.empty()) break;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace aitrade::loopback
