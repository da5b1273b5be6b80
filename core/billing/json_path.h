// Values of the payment service's JSON by their path.
#pragma once

#include <rapidjson/document.h>

#include <initializer_list>
#include <string>

namespace aitrade {

/// Follows names into objects; null when one is missing.
inline const rapidjson::Value* value_at(const rapidjson::Value& from, std::initializer_list<const char*> path) {
  const rapidjson::Value* value = &from;
  for (const char* name : path) {
    if (!value->IsObject()) return nullptr;
    const auto found = value->FindMember(name);
    if (found == value->MemberEnd()) return nullptr;
    value = &found->value;
  }
  return value;
}

/// Returns a text; empty when it is missing, something else, or of more than `most` bytes.
inline std::string text_at(const rapidjson::Value& from, std::initializer_list<const char*> path, std::size_t most = 64 * 1024) {
  const rapidjson::Value* value = value_at(from, path);
  if (value == nullptr || !value->IsString() || value->GetStringLength() > most) return {};
  return {value->GetString(), value->GetStringLength()};
}

}  // namespace aitrade
