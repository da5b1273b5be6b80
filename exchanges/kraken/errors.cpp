// Error texts of the venue and their classes: the table of kraken.md 6.
#include "exchanges/kraken/rest.h"

#include <algorithm>
#include <array>

namespace aitrade::kraken {
namespace {

struct Entry {
  std::string_view text;
  ErrorClass kind;
};

constexpr std::array<Entry, 33> known_errors{{
    {"EAPI:Invalid key", ErrorClass::auth},
    {"EAPI:Invalid signature", ErrorClass::auth},
    {"EAPI:Invalid nonce", ErrorClass::auth},
    {"EAPI:Rate limit exceeded", ErrorClass::ratelimit},
    {"EGeneral:Temporary lockout", ErrorClass::auth},
    {"EGeneral:Permission denied", ErrorClass::auth},
    {"EGeneral:Internal error", ErrorClass::ambiguous},
    {"EGeneral:Too many requests", ErrorClass::ratelimit},
    {"EGeneral:Unknown error", ErrorClass::ambiguous},
    {"EAuth:Account temporary disabled", ErrorClass::auth},
    {"EAuth:Account unconfirmed", ErrorClass::auth},
    {"EAuth:Rate limit exceeded", ErrorClass::ratelimit},
    {"EAuth:Too many requests", ErrorClass::ratelimit},
    {"EAccount:Invalid permissions", ErrorClass::auth},
    {"ESession:Invalid session", ErrorClass::auth},
    {"EService:Unavailable", ErrorClass::ambiguous},
    {"EService:Busy", ErrorClass::ambiguous},
    {"EService:Timeout", ErrorClass::ambiguous},
    {"EService:Throttled", ErrorClass::ratelimit},
    {"EService:Deadline elapsed", ErrorClass::transient},
    {"EService:Market in cancel_only mode", ErrorClass::mode},
    {"EService:Market in post_only mode", ErrorClass::mode},
    {"EOrder:Insufficient margin", ErrorClass::transient},
    {"EOrder:Rate limit exceeded", ErrorClass::ratelimit},
    {"EOrder:Domain rate limit exceeded", ErrorClass::ratelimit},
    {"ETrade:User Locked", ErrorClass::auth},
    {"EDatabase:Internal error", ErrorClass::ambiguous},
    {"EQuery:Unknown asset", ErrorClass::permanent},
    {"EQuery:Unknown asset pair", ErrorClass::permanent},
    {"EQuery:Invalid asset pair", ErrorClass::permanent},
    {"EGeneral:Invalid arguments", ErrorClass::permanent},
    {"EGeneral:Unknown method", ErrorClass::permanent},
    {"EAPI:Bad request", ErrorClass::permanent},
}};

const Entry* find_entry(std::string_view text) {
  const auto found = std::find_if(known_errors.begin(), known_errors.end(),
                                  [&](const Entry& entry) { return entry.text == text; });
  return found == known_errors.end() ? nullptr : found;
}

}  // namespace

ErrorClass classify_read_error(std::string_view text) {
  if (const Entry* exact = find_entry(text)) return exact->kind;
  std::string plain(text);
  if (const auto blank = plain.find(": "); blank != std::string::npos) plain.erase(blank + 1, 1);
  const auto first = plain.find(':');
  const auto second = first == std::string::npos ? first : plain.find(':', first + 1);
  if (const Entry* prefix = find_entry(std::string_view(plain).substr(0, second)))
    return prefix->kind;
  return ErrorClass::permanent;
}

Error error_of(std::string_view text) {
  std::string what = "kraken says \"" + std::string(text.substr(0, 200)) + "\"";
  if (text.starts_with("EQuery:Unknown asset")) return fail(ErrorCode::not_found, std::move(what));
  switch (classify_read_error(text)) {
    case ErrorClass::ratelimit:
      return fail(ErrorCode::busy, std::move(what));
    case ErrorClass::transient:
    case ErrorClass::ambiguous:
      return fail(ErrorCode::network, std::move(what));
    case ErrorClass::permanent:
    case ErrorClass::auth:
    case ErrorClass::mode:
      break;
  }
  return fail(ErrorCode::rejected, std::move(what));
}

}  // namespace aitrade::kraken
