// Comparing requests with those on record: fields in any order, numbers by value.
#pragma once

#include "core/base/decimal.h"
#include "exchanges/kraken/form.h"
#include "exchanges/kraken/json.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace aitrade::kraken {

/// Returns the fields of a form body in alphabetical order.
inline FormFields sorted_form(std::string_view body) {
  FormFields fields = parse_form(body);
  std::sort(fields.begin(), fields.end());
  return fields;
}

/// Two JSON values say the same: objects in any order, number tokens by exact value.
inline bool same_json(const JsonValue& a, const JsonValue& b) {
  if (a.IsObject() && b.IsObject()) {
    if (a.MemberCount() != b.MemberCount()) return false;
    for (const auto& entry : a.GetObject()) {
      const JsonValue* other = member(b, entry.name.GetString());
      if (other == nullptr || !same_json(entry.value, *other)) return false;
    }
    return true;
  }
  if (a.IsArray() && b.IsArray()) {
    return a.Size() == b.Size() && std::equal(a.Begin(), a.End(), b.Begin(), b.End(), same_json);
  }
  if (a.IsString() && b.IsString()) {
    if (text_of(&a) == text_of(&b)) return true;
    const auto left = Decimal::parse(text_of(&a));
    const auto right = Decimal::parse(text_of(&b));
    return left && right && *left == *right;
  }
  return a == b;
}

inline bool same_json(std::string_view a, std::string_view b) {
  const auto left = parse_json(a);
  const auto right = parse_json(b);
  return left && right && same_json(*left, *right);
}

}  // namespace aitrade::kraken
