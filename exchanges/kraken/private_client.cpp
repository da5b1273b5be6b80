#include "exchanges/kraken/private_client.h"

#include "exchanges/kraken/json.h"

#include <algorithm>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr Duration ban_guess = seconds{30};  // when the venue does not say for how long
constexpr int http_ok = 200;
constexpr int http_too_many = 429;

HttpOutcome not_sent(Error error) {
  HttpOutcome outcome;
  outcome.fact = TransportFact::not_sent;
  outcome.error = std::move(error);
  return outcome;
}

/// What one attempt of a read came to.
struct ReadStep {
  Error error;
  bool may_heal{false};
  bool is_nonce{false};
};

ReadStep judge_read(const HttpOutcome& outcome, const std::string& method) {
  const std::string where = "kraken: " + method;
  if (!outcome.is_reply()) {
    const ErrorCode code = outcome.error.code;
    Error error = unreached(outcome.error).within(where);
    const bool heals = code == ErrorCode::network || code == ErrorCode::timeout || code == ErrorCode::busy;
    return {std::move(error), heals, false};
  }
  if (outcome.reply.status != http_ok) {
    const bool is_limit = outcome.reply.status == http_too_many;
    return {fail(is_limit ? ErrorCode::busy : ErrorCode::network,
                 where + ": HTTP " + std::to_string(outcome.reply.status)),
            true, false};
  }
  const auto envelope = open_envelope(outcome.reply.body);
  if (envelope) return {};
  const auto texts = error_texts(outcome.reply.body);
  const bool is_nonce = texts && !texts->empty() && texts->front() == "EAPI:Invalid nonce";
  const ErrorCode code = envelope.error().code;
  // A body that is no answer of the venue comes from its front: a read is tried again.
  const bool heals =
      code == ErrorCode::network || code == ErrorCode::busy || code == ErrorCode::invalid;
  return {Error(envelope.error()).within(where), heals, is_nonce};
}

}  // namespace

PrivateClient::PrivateClient(PrivateClientOptions options, Signer signer, Secret otp,
                             HttpTransport& transport, NonceSource& nonces, const Clock& clock,
                             std::function<bool(Duration)> wait)
    : options_(std::move(options)),
      signer_(std::move(signer)),
      otp_(std::move(otp)),
      transport_(transport),
      nonces_(nonces),
      clock_(clock),
      wait_(std::move(wait)),
      counter_(options_.tier) {}

HttpOutcome PrivateClient::send(const PrivateCall& call, Purpose purpose) {
  const std::lock_guard lock(mutex_);
  return send_locked(call, purpose);
}

HttpOutcome PrivateClient::send_locked(const PrivateCall& call, Purpose purpose) {
  if (!counter_.take(clock_.now(), rest_cost(call.method), purpose)) {
    return not_sent(fail(ErrorCode::busy, "the venue's rate counter has no room for this"));
  }
  const auto nonce = nonces_.next(clock_.now());
  if (!nonce) return not_sent(nonce.error());
  HttpRequest request = signed_request(call, options_.url, signer_, *nonce, otp_);
  request.timeouts = options_.timeouts;
  HttpOutcome outcome = transport_.perform(request);
  learn(outcome);
  return outcome;
}

void PrivateClient::learn(const HttpOutcome& outcome) {
  if (!outcome.is_reply()) return;
  const Time now = clock_.now();
  if (outcome.reply.status == http_too_many) counter_.overstep(now, now + ban_guess);
  const auto texts = error_texts(outcome.reply.body);
  if (!texts) return;
  bool is_nonce = false;
  for (const std::string& text : *texts) {
    const KnownError* known = find_error(text);
    if (text == "EGeneral:Temporary lockout") counter_.ban(now, now + options_.lockout);
    is_nonce = is_nonce || (known != nullptr && known->remedy == Remedy::new_nonce_once);
    // A limit of the matching engine is another counter: it says nothing about reads.
    const bool is_rest_limit = known != nullptr && known->kind == ErrorClass::ratelimit &&
                               !known->text.starts_with("EOrder:");
    if (!is_rest_limit) continue;
    if (const auto until = retry_at(text)) {
      counter_.ban(now, *until);
    } else {
      counter_.overstep(now, now + ban_guess);
    }
  }
  nonce_faults_ = is_nonce ? nonce_faults_ + 1 : 0;
  if (is_nonce) nonces_.skip_past(nonces_.last());  // the next block begins at the clock
}

Duration PrivateClient::time_until_room(const PrivateCall& call, Purpose purpose) const {
  const std::lock_guard lock(mutex_);
  return counter_.wait(clock_.now(), rest_cost(call.method), purpose);
}

Result<std::string> PrivateClient::read(const PrivateCall& call, Purpose purpose) {
  if (changes_orders(call.method)) {
    return fail(ErrorCode::unsupported, "kraken: " + call.method + " is not a read");
  }
  const Error stopping = fail(ErrorCode::timeout, "kraken: stopping");
  ReadStep step{fail(ErrorCode::network, "kraken: not asked"), true, false};
  bool had_nonce_fault = false;
  for (int attempt = 0; attempt < options_.read_attempts; ++attempt) {
    if (attempt > 0 && !step.is_nonce &&
        !wait_(milliseconds{500} * (1 << std::min(attempt - 1, 6)))) {
      return stopping;
    }
    for (Duration wait = time_until_room(call, purpose); wait > Duration{};
         wait = time_until_room(call, purpose)) {
      if (!wait_(wait)) return stopping;
    }
    HttpOutcome outcome = send(call, purpose);
    step = judge_read(outcome, call.method);
    const bool is_good = outcome.is_reply() && step.error.what.empty();
    if (is_good) return std::move(outcome.reply.body);
    // One more try with a larger nonce; a second refusal means another user of the key.
    const bool tries_nonce = step.is_nonce && !had_nonce_fault;
    had_nonce_fault = had_nonce_fault || step.is_nonce;
    if (!step.may_heal && !tries_nonce) return step.error;
  }
  return step.error;
}

int PrivateClient::nonce_faults() const {
  const std::lock_guard lock(mutex_);
  return nonce_faults_;
}

double PrivateClient::counter_level() const {
  const std::lock_guard lock(mutex_);
  return counter_.level(clock_.now());
}

}  // namespace aitrade::kraken
