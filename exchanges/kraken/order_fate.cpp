#include "exchanges/kraken/order_fate.h"

#include "exchanges/kraken/json.h"
#include "exchanges/kraken/order_entry.h"

#include <utility>

namespace aitrade::kraken {
namespace {

constexpr int http_ok = 200;
constexpr int http_too_many = 429;

OrderFate unknown(std::string why) {
  return {Fate::unknown, std::move(why), Remedy::look_up, {}, {}};
}

OrderFate accepted(std::vector<std::string> venue_ids = {}) {
  return {Fate::accepted, {}, Remedy::none, {}, std::move(venue_ids)};
}

bool is_refused(OrderVerdict verdict, Copies copies) {
  return verdict == OrderVerdict::refused ||
         (verdict == OrderVerdict::refused_if_single && copies == Copies::one);
}

/// Judges everything but a good answer; nothing when the venue reported no error.
std::optional<OrderFate> fate_of_failure(const HttpOutcome& outcome, Copies copies) {
  switch (outcome.fact) {
    case TransportFact::not_sent:
      return OrderFate{Fate::not_sent, outcome.error.what, Remedy::none, {}, {}};
    case TransportFact::sent_no_reply:
      return unknown("no reply: " + outcome.error.what);
    case TransportFact::reply_partial:
      return unknown("half a reply: " + outcome.error.what);
    case TransportFact::reply:
      break;
  }
  if (outcome.reply.status == http_too_many) {
    return OrderFate{Fate::refused, "HTTP 429", Remedy::wait, {}, {}};
  }
  if (outcome.reply.status != http_ok) {
    return unknown("HTTP " + std::to_string(outcome.reply.status));
  }
  const auto texts = error_texts(outcome.reply.body);
  if (!texts) return unknown("a reply that is not the venue's");
  if (texts->empty()) return std::nullopt;
  return fate_of_errors(*texts, copies);
}

OrderFate fate_of_leg(const BatchLeg& leg, Copies copies) {
  if (!leg.error.empty()) return fate_of_errors({leg.error}, copies);
  if (leg.venue_id.empty()) return unknown("a leg without order id");
  return accepted({leg.venue_id});
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::accepted:
      return "accepted";
    case Fate::refused:
      return "refused";
    case Fate::not_sent:
      return "not_sent";
    case Fate::unknown:
      return "unknown";
  }
  return {};
}

OrderFate fate_of_errors(const std::vector<std::string>& texts, Copies copies) {
  OrderFate result{Fate::refused, {}, Remedy::none, {}, {}};
  if (texts.empty()) return unknown("an error without a text");
  for (const std::string& text : texts) {
    const KnownError meaning = meaning_for_order(text);
    if (!result.why.empty()) result.why += ", ";
    result.why += text.substr(0, 200);
    // One text that proves nothing outweighs others that do.
    if (!is_refused(meaning.verdict, copies)) result.fate = Fate::unknown;
    if (result.remedy == Remedy::none) result.remedy = meaning.remedy;
    if (!result.retry_at) result.retry_at = retry_at(text);
  }
  if (result.fate == Fate::unknown) result.remedy = Remedy::look_up;
  return result;
}

OrderFate fate_of_place(const HttpOutcome& outcome, Copies copies, bool validate_only) {
  if (auto failed = fate_of_failure(outcome, copies)) return *std::move(failed);
  auto answer = parse_add_order(outcome.reply.body);
  if (!answer) return unknown(answer.error().what);
  if (answer->venue_ids.empty() && !validate_only) return unknown("an answer without order id");
  return accepted(std::move(answer->venue_ids));
}

std::vector<OrderFate> fate_of_batch(const HttpOutcome& outcome, std::size_t orders,
                                     Copies copies) {
  if (const auto failed = fate_of_failure(outcome, copies)) return std::vector(orders, *failed);
  const auto legs = parse_add_order_batch(outcome.reply.body);
  if (!legs || legs->size() != orders) {
    return std::vector(orders, unknown("an answer that does not fit the batch"));
  }
  std::vector<OrderFate> fates;
  for (const BatchLeg& leg : *legs)
    fates.push_back(fate_of_leg(leg, copies));
  return fates;
}

OrderFate fate_of_change(const HttpOutcome& outcome, Copies copies) {
  if (auto failed = fate_of_failure(outcome, copies)) return *std::move(failed);
  if (const auto envelope = open_envelope(outcome.reply.body); !envelope) {
    return unknown(envelope.error().what);
  }
  return accepted();
}

}  // namespace aitrade::kraken
