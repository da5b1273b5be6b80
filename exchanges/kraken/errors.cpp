#include "exchanges/kraken/errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace aitrade::kraken {
namespace {

using enum ErrorClass;
constexpr auto refused = OrderVerdict::refused;
constexpr auto unclear = OrderVerdict::ambiguous;

constexpr std::array table{
    KnownError{"EAPI:Invalid key", auth, refused, Remedy::alarm},
    KnownError{"EAPI:Invalid signature", auth, refused, Remedy::alarm},
    KnownError{"EAPI:Invalid nonce", auth, OrderVerdict::refused_if_single, Remedy::new_nonce_once},
    KnownError{"EAPI:Rate limit exceeded", ratelimit, refused, Remedy::wait},
    KnownError{"EAPI:Bad request", permanent, refused, Remedy::none},
    KnownError{"EAPI:Feature disabled", permanent, refused, Remedy::none},
    KnownError{"EGeneral:Temporary lockout", auth, refused, Remedy::alarm},
    KnownError{"EGeneral:Permission denied", auth, refused, Remedy::alarm},
    KnownError{"EGeneral:Invalid arguments", permanent, refused, Remedy::none},
    KnownError{"EGeneral:Internal error", ambiguous, unclear, Remedy::look_up},
    KnownError{"EGeneral:Too many requests", ratelimit, refused, Remedy::wait},
    KnownError{"EGeneral:Unknown method", permanent, refused, Remedy::none},
    KnownError{"EGeneral:Unknown error", ambiguous, unclear, Remedy::look_up},
    KnownError{"EAuth:Account temporary disabled", auth, refused, Remedy::alarm},
    KnownError{"EAuth:Account unconfirmed", auth, refused, Remedy::alarm},
    KnownError{"EAuth:Rate limit exceeded", ratelimit, refused, Remedy::wait},
    KnownError{"EAuth:Too many requests", ratelimit, refused, Remedy::wait},
    KnownError{"EAccount:Invalid permissions", auth, refused, Remedy::alarm},
    KnownError{"ESession:Invalid session", auth, refused, Remedy::new_token},
    KnownError{"EService:Unavailable", ambiguous, unclear, Remedy::look_up},
    KnownError{"EService:Busy", ambiguous, unclear, Remedy::look_up},
    KnownError{"EService:Timeout", ambiguous, unclear, Remedy::look_up},
    KnownError{"EService:Throttled", ratelimit, refused, Remedy::wait},
    // The engine refused it as too late; reading the order all the same costs little.
    KnownError{"EService:Deadline elapsed", transient, refused, Remedy::look_up},
    KnownError{"EService:Market in cancel_only mode", mode, refused, Remedy::wait_for_status},
    KnownError{"EService:Market in post_only mode", mode, refused, Remedy::wait_for_status},
    KnownError{"EOrder:Insufficient funds", permanent, refused, Remedy::none},
    KnownError{"EOrder:Insufficient margin", transient, refused, Remedy::wait},
    KnownError{"EOrder:Insufficient initial margin", permanent, refused, Remedy::none},
    KnownError{"EOrder:Order minimum not met", permanent, refused, Remedy::none},
    KnownError{"EOrder:Cost minimum not met", permanent, refused, Remedy::none},
    KnownError{"EOrder:Tick size check failed", permanent, refused, Remedy::none},
    KnownError{"EOrder:Invalid price", permanent, refused, Remedy::none},
    KnownError{"EOrder:Invalid order", permanent, refused, Remedy::none},
    KnownError{"EOrder:Post only order", permanent, refused, Remedy::none},
    // Of a cancel or amend: it did nothing, but how the order ended is not known
    // (reliability.md 3.3).
    KnownError{"EOrder:Unknown order", permanent, refused, Remedy::look_up},
    KnownError{"EOrder:Unknown position", permanent, refused, Remedy::none},
    KnownError{"EOrder:Rate limit exceeded", ratelimit, refused, Remedy::wait},
    KnownError{"EOrder:Domain rate limit exceeded", ratelimit, refused, Remedy::wait},
    KnownError{"EOrder:Orders limit exceeded", permanent, refused, Remedy::none},
    KnownError{"EOrder:Scheduled orders limit exceeded", permanent, refused, Remedy::none},
    KnownError{"EOrder:Positions limit exceeded", permanent, refused, Remedy::none},
    KnownError{"EOrder:Margin allowance exceeded", permanent, refused, Remedy::none},
    KnownError{"EOrder:Margin level too low", permanent, refused, Remedy::none},
    KnownError{"EOrder:Margin position size exceeded", permanent, refused, Remedy::none},
    KnownError{"EOrder:Cannot open position", permanent, refused, Remedy::none},
    KnownError{"EOrder:Cannot open opposing position", permanent, refused, Remedy::none},
    KnownError{"EOrder:Reduce only", permanent, refused, Remedy::none},
    KnownError{"EOrder:Trading agreement required", permanent, refused, Remedy::alarm},
    KnownError{"EQuery:Unknown asset", permanent, refused, Remedy::none},
    KnownError{"EQuery:Unknown asset pair", permanent, refused, Remedy::none},
    KnownError{"EQuery:Invalid asset pair", permanent, refused, Remedy::none},
    KnownError{"ETrade:Invalid request", permanent, refused, Remedy::none},
    KnownError{"ETrade:User Locked", auth, refused, Remedy::alarm},
    KnownError{"EDatabase:Internal error", ambiguous, unclear, Remedy::look_up},
    KnownError{"EFunding:Unknown asset", permanent, refused, Remedy::none},
    KnownError{"EBM:limit exceeded", permanent, refused, Remedy::none},
};

/// An OPEN order carries this client id already; the wording is not documented. Ids of ours are
/// never used twice, so the order may well be the one that was asked for.
constexpr KnownError taken_client_id{"EOrder: naming cl_ord_id", ambiguous, unclear,
                                     Remedy::look_up};

constexpr KnownError unknown_text{"", ambiguous, unclear, Remedy::look_up};

const KnownError* find_exact(std::string_view text) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const KnownError& entry) { return entry.text == text; });
  return found == table.end() ? nullptr : &*found;
}

/// Returns the text without the blank that the venue sometimes puts after the first colon.
std::string plain_text(std::string_view text) {
  std::string plain(text);
  if (const auto blank = plain.find(": "); blank != std::string::npos) plain.erase(blank + 1, 1);
  return plain;
}

}  // namespace

std::string_view to_string(ErrorClass kind) {
  switch (kind) {
    case permanent:
      return "permanent";
    case auth:
      return "auth";
    case ratelimit:
      return "ratelimit";
    case mode:
      return "mode";
    case transient:
      return "transient";
    case ambiguous:
      return "ambiguous";
  }
  return {};
}

std::string_view to_string(OrderVerdict verdict) {
  switch (verdict) {
    case OrderVerdict::refused:
      return "refused";
    case OrderVerdict::refused_if_single:
      return "refused_if_single";
    case OrderVerdict::ambiguous:
      return "ambiguous";
  }
  return {};
}

std::string_view to_string(Remedy remedy) {
  switch (remedy) {
    case Remedy::none:
      return "none";
    case Remedy::look_up:
      return "look_up";
    case Remedy::new_nonce_once:
      return "new_nonce_once";
    case Remedy::new_token:
      return "new_token";
    case Remedy::wait:
      return "wait";
    case Remedy::wait_for_status:
      return "wait_for_status";
    case Remedy::alarm:
      return "alarm";
  }
  return {};
}

std::span<const KnownError> known_errors() {
  return table;
}

const KnownError* find_error(std::string_view text) {
  if (const KnownError* exact = find_exact(text)) return exact;
  const std::string plain = plain_text(text);
  if (const KnownError* exact = find_exact(plain)) return exact;
  const auto first = plain.find(':');
  const auto second = first == std::string::npos ? first : plain.find(':', first + 1);
  if (const KnownError* prefix = find_exact(std::string_view(plain).substr(0, second)))
    return prefix;
  const bool names_client_id =
      plain.starts_with("EOrder:") && plain.find("cl_ord_id") != std::string::npos;
  return names_client_id ? &taken_client_id : nullptr;
}

ErrorClass classify_read_error(std::string_view text) {
  const KnownError* known = find_error(text);
  return known != nullptr ? known->kind : permanent;
}

KnownError meaning_for_order(std::string_view text) {
  const KnownError* known = find_error(text);
  return known != nullptr ? *known : unknown_text;
}

std::optional<Time> retry_at(std::string_view text) {
  const std::string plain = plain_text(text);
  constexpr std::string_view head = "EService:Throttled:";
  if (!plain.starts_with(head)) return std::nullopt;
  std::string_view digits = std::string_view(plain).substr(head.size());
  while (digits.starts_with(' '))
    digits.remove_prefix(1);
  constexpr std::int64_t seconds_max = 9'000'000'000;
  std::int64_t seconds_since = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), seconds_since);
  if (error != std::errc{} || end != digits.data() + digits.size() || seconds_since <= 0 ||
      seconds_since > seconds_max) {
    return std::nullopt;
  }
  return Time::from_seconds(seconds_since);
}

Error error_of(std::string_view text) {
  std::string what = "kraken says \"" + std::string(text.substr(0, 200)) + "\"";
  if (text.starts_with("EQuery:Unknown asset")) return fail(ErrorCode::not_found, std::move(what));
  switch (classify_read_error(text)) {
    case ratelimit:
      return fail(ErrorCode::busy, std::move(what));
    case transient:
    case ambiguous:
      return fail(ErrorCode::network, std::move(what));
    case permanent:
    case auth:
    case mode:
      break;
  }
  return fail(ErrorCode::rejected, std::move(what));
}

bool is_refusal_of_key(const Error& error) {
  if (error.code != ErrorCode::rejected) return false;
  return std::any_of(table.begin(), table.end(), [&](const KnownError& known) {
    return known.kind == auth && error.what.find(known.text) != std::string::npos;
  });
}

}  // namespace aitrade::kraken
