// Reading the venue's JSON without trusting it.
//
// Internal to this folder; included by .cpp files only. Numbers stay the text that was sent
// (RapidJSON's numbers-as-strings mode), so decimals never pass through a double and "45285.20"
// keeps its zeros. A number and a string are the same to a reader, as the venue itself mixes them.
#pragma once

#include "core/base/decimal.h"
#include "core/base/fixed.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

using JsonValue = rapidjson::Value;

/// Parses a whole document; errors: invalid. Iterative, so nesting cannot exhaust the stack.
inline Result<rapidjson::Document> parse_json(std::string_view text) {
  constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag |
                             rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<flags>(text.data(), text.size());
  if (document.HasParseError()) return fail(ErrorCode::invalid, "not JSON");
  return document;
}

/// Returns a member, or nothing when absent or when `object` is not an object.
inline const JsonValue* member(const JsonValue& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

/// Returns the text of a string or number; empty for anything else.
inline std::string_view text_of(const JsonValue* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

inline std::string_view text_at(const JsonValue& object, const char* name) {
  return text_of(member(object, name));
}

inline bool is_true(const JsonValue* value) {
  return value != nullptr && value->IsBool() && value->GetBool();
}

/// Reads an unsigned integer; nothing when it is not one or too large.
std::optional<std::uint64_t> unsigned_of(std::string_view text);

/// Reads a statistic; nothing when it is not a finite number.
std::optional<double> double_of(std::string_view text);

/// Reads a decimal member; errors: invalid, naming the member.
template <class Decimal>
Result<Decimal> decimal_at(const JsonValue& object, const char* name) {
  auto value = Decimal::parse(text_at(object, name));
  if (!value) return std::move(value).error().within(name);
  return *value;
}

/// Reads a decimal array element; errors: invalid.
template <class Decimal>
Result<Decimal> decimal_in(const JsonValue& array, rapidjson::SizeType index) {
  if (!array.IsArray() || index >= array.Size()) return fail(ErrorCode::invalid, "row too short");
  return Decimal::parse(text_of(&array[index]));
}

/// Reads an amount together with its text; errors: invalid, naming the member.
inline Result<Amount> amount_at(const JsonValue& object, const char* name) {
  auto amount = Amount::parse(text_at(object, name));
  if (!amount) return std::move(amount).error().within(name);
  return amount;
}

/// The same for a member that may be absent, null or empty.
inline Result<std::optional<Amount>> maybe_amount_at(const JsonValue& object, const char* name) {
  if (text_at(object, name).empty()) return std::optional<Amount>{};
  AITRADE_TRY(Amount amount, amount_at(object, name));
  return std::optional<Amount>{std::move(amount)};
}

// ---- the frame around every REST answer, and the ways the venue writes time (kraken.md 3)
// ----------

/// The document of a successful answer together with its "result".
struct Envelope {
  rapidjson::Document document;
  std::vector<std::string> warnings;

  [[nodiscard]] const JsonValue& result() const { return *member(document, "result"); }
};

/// Opens an answer that succeeded. Errors: as error_of for what the venue refused, invalid for what
/// is not an answer of the venue at all.
Result<Envelope> open_envelope(std::string_view body);

/// Returns the error texts of an answer without its warnings, empty for a success. Errors: invalid
/// for what is not an answer of the venue at all: such a body says nothing about whether the engine
/// saw the request.
Result<std::vector<std::string>> error_texts(std::string_view body);

/// Reads UNIX seconds with an optional fraction, exactly to 10 ns; nothing when it is not that.
std::optional<Time> unix_time(std::string_view text);

/// Reads a UNIX time member; nothing when absent, malformed or zero, which the venue writes for
/// "none".
std::optional<Time> unix_time_at(const JsonValue& object, const char* name);

/// Reads an RFC 3339 member; nothing when absent or malformed.
std::optional<Time> time_at(const JsonValue& object, const char* name);

}  // namespace aitrade::kraken
