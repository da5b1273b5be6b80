#include "core/api/signal_desk.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <optional>
#include <utility>
#include <variant>

#include "core/api/json.h"
#include "core/api/route.h"
#include "core/auth/client_address.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade {
namespace {

constexpr milliseconds turn_limit{4'000};   // under the server's five seconds for a handler
constexpr std::size_t body_max = 256 << 10, id_max = 128, name_max = 32;

/// What a signal may say; everything else is refused.
constexpr std::array fields{"event_id", "id", "account", "source", "pair", "direction", "entry_price", "stop_loss", "take_profit",
                            "stop_pct", "risk_reward", "confluence", "strength", "confidence"};

/// A body that said what it may: texts as they are, numbers as written.
class Said {
 public:
  /// Errors: invalid, in words that may be shown.
  static Result<Said> parse(const std::string& text) {
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
               rapidjson::kParseNumbersAsStringsFlag>(text.data(), text.size());
    if (json.HasParseError() || !json.IsObject()) return fail(ErrorCode::invalid, "the body must be a JSON object");
    Said said;
    for (const auto& member : json.GetObject()) {
      const std::string name(member.name.GetString(), member.name.GetStringLength());
      if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
        return fail(ErrorCode::invalid, "unknown field in the body");
      }
      if (!member.value.IsString()) return fail(ErrorCode::invalid, name + " must be text or a number");
      std::string value(member.value.GetString(), member.value.GetStringLength());
      if (value.size() > id_max) return fail(ErrorCode::invalid, name + " is too long");
      if (!said.values_.emplace(name, std::move(value)).second) {
        return fail(ErrorCode::invalid, "repeated field in the body");
      }
    }
    return said;
  }

  [[nodiscard]] bool has(const char* name) const { return values_.contains(name); }

  [[nodiscard]] std::string text(const char* name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }

  /// A number from `low` to `high`; `otherwise` where it is not said. Errors: invalid.
  [[nodiscard]] Result<double> number(const char* name, double low, double high, double otherwise) const {
    if (!has(name)) return otherwise;
    const std::string words = text(name);
    const auto exact = Price::parse(words);   // decimal text: no infinities, no hexadecimal
    const double value = exact ? to_double(*exact) : std::nan("");
    if (!(value >= low && value <= high)) {
      return fail(ErrorCode::invalid, std::string(name) + " must be a number from " + words_of(low) + " to " + words_of(high));
    }
    return value;
  }

  /// A price; zero where it is not said. Errors: invalid.
  [[nodiscard]] Result<Price> price(const char* name) const {
    if (!has(name)) return Price{};
    const auto value = Price::parse(text(name));
    if (!value || !value->is_positive()) return fail(ErrorCode::invalid, std::string(name) + " must be a price");
    return *value;
  }

 private:
  static std::string words_of(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
  }

  std::map<std::string, std::string> values_;
};

Result<Direction> direction_of(const std::string& word) {
  if (word == "long" || word == "buy") return Direction::long_;
  if (word == "short" || word == "sell") return Direction::short_;
  return fail(ErrorCode::invalid, "direction must be long, short, buy or sell");
}

/// An id of the sender's, or one made of the bytes: the same bytes happen once. Errors: invalid.
Result<std::string> id_of(const Said& said, const std::string& body_hash) {
  const std::string id = said.has("event_id") ? said.text("event_id") : said.text("id");
  if (id.empty()) return "sig:" + body_hash;
  const bool is_plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_plain || id.starts_with("sig:")) return fail(ErrorCode::invalid, "event_id must be printable, at most 128 bytes");
  return id;
}

/// Stop and target lie on their sides of the price.
bool levels_fit(const ExternalSignal& signal, double price) {
  const double side = signal.direction == Direction::long_ ? 1 : -1;
  const auto fits = [&](Price level, double where) {
    return !level.is_positive() || side * where * (to_double(level) - price) > 0;
  };
  return fits(signal.stop, -1) && fits(signal.target, 1);
}

/// What a body says as a signal of the engine. Errors: invalid.
Result<ExternalSignal> signal_of(const Said& said, const EngineView& view, double deviation) {
  ExternalSignal signal;
  AITRADE_TRY(const std::string pair, typed_pair(said.text("pair")));
  const auto traded = std::find_if(view.pairs.begin(), view.pairs.end(), [&](const PairView& p) { return p.symbol == pair; });
  if (traded == view.pairs.end()) return fail(ErrorCode::invalid, "the pair is not traded here");
  signal.instrument = InstrumentId{static_cast<std::uint32_t>(traded - view.pairs.begin())};
  AITRADE_TRY(signal.direction, direction_of(said.text("direction")));
  AITRADE_TRY(const Price entry, said.price("entry_price"));
  if (!entry.is_positive()) return fail(ErrorCode::invalid, "entry_price must be a price");
  const double market = to_double(traded->last), price = to_double(entry);
  if (!(std::fabs(price - market) <= deviation * market)) {
    return fail(ErrorCode::invalid, "entry_price is too far from the market");
  }
  AITRADE_TRY(signal.stop, said.price("stop_loss"));
  AITRADE_TRY(signal.target, said.price("take_profit"));
  if (!levels_fit(signal, price)) return fail(ErrorCode::invalid, "stop_loss or take_profit is on the wrong side of the price");
  AITRADE_TRY(signal.stop_share, said.number("stop_pct", 0.001, 0.1, 0));
  AITRADE_TRY(signal.reward_to_risk, said.number("risk_reward", 0.1, 100, 0));
  AITRADE_TRY(signal.strength, said.number("strength", 0, 1, 0));
  AITRADE_TRY(signal.confidence, said.number("confidence", 0, 1, 0));
  // Zero is how the engine is told nothing; whoever is sure of nothing enters nothing.
  if (said.has("confidence") && signal.confidence <= 0) signal.confidence = 1e-9;
  AITRADE_TRY(const double families, said.number("confluence", 1, 16, 0));
  if (families != std::floor(families)) return fail(ErrorCode::invalid, "confluence must be a whole number");
  signal.families = static_cast<std::int32_t>(families);
  return signal;
}

Response outcome(const SignalRow& row, bool is_duplicate) {
  const bool has_entered = row.reason == to_string(Reason::entered);
  const bool is_closing = row.reason == to_string(Reason::closing_opposite);
  Json json;
  json.begin();
  json.field("schema", "aitrade.signal/1");
  json.field("ok", has_entered || is_closing);
  json.field("duplicate", is_duplicate);
  json.field("event_id", row.event_id);
  json.key("result");
  json.begin();
  json.field("status", has_entered ? "entered" : is_closing ? "closing" : "refused");
  json.field("reason", row.reason);
  json.field("pair", row.pair);
  json.field("direction", row.direction);
  json.time("at", row.at);
  json.end();
  json.end();
  return json_response(json.take());
}

/// What is known of an id, or a failure as a response.
std::variant<std::optional<SignalRow>, Response> known(const Call& call, std::size_t seat, const std::string& id) {
  const auto place = call.context.store_of(seat);
  if (!place) return starting();
  auto ledger = open_reader(place->ledger, Profile::ledger);
  if (!ledger) return store_failure(ledger.error());
  auto row = external_signal(*ledger, call.context.views.seats()[seat].tenant, id);
  if (!row) return store_failure(row.error());
  return *std::move(row);
}

}  // namespace

SignalDesk::SignalDesk(SignalRules rules, SignalSink sink)
    : rules_(std::move(rules)), sink_(std::move(sink)), claims_(std::make_shared<Claims>()) {}

SignalDesk::~SignalDesk() = default;

bool SignalDesk::may_send(const std::string& source) const {
  if (rules_.sources.empty()) return rules_.takes_any_source;
  return std::find(rules_.sources.begin(), rules_.sources.end(), source) != rules_.sources.end();
}

/// All secrets are tried, so that the time tells nothing of whose it was.
SignalDesk::Signer SignalDesk::signer_of(const Call& call) const {
  const std::string_view signature = call.request.header("X-Signal-Signature");
  const std::string_view time = call.request.header("X-Signal-Timestamp");
  const auto stamp = time.empty() ? parse_stamp(signature) : stamp_of(time, signature);
  if (!stamp) return {};
  const auto judge = [&](const std::vector<Secret>& secrets) {
    return judge_signature(*stamp, call.request.body, secrets, call.now.wall, rules_.tolerance);
  };
  Signer signer{judge(rules_.secrets), {}};
  for (const auto& [account, secrets] : rules_.account_secrets) {
    const SignatureVerdict verdict = judge(secrets);
    if (verdict != SignatureVerdict::wrong) signer = {verdict, account};
  }
  return signer;
}

/// Whose engine a signal is for, or a refusal that does not tell which accounts there are.
std::variant<std::size_t, ServerResponse> SignalDesk::seat_of(const Call& call, const Signer& signer,
                                                              const std::string& account) const {
  const auto& seats = call.context.views.seats();
  const bool is_common = signer.account.empty();
  const std::string wanted = !account.empty() ? account : is_common ? seats.front().account : signer.account;
  const auto seat = std::find_if(seats.begin(), seats.end(), [&](const EngineSeat& s) { return s.account == wanted; });
  const bool may_sign = is_common ? !rules_.account_secrets.contains(wanted) : wanted == signer.account;
  if (seat == seats.end() || !may_sign) {
    return error_response(403, "account_refused", "this signature is not for that account");
  }
  return static_cast<std::size_t>(seat - seats.begin());
}

ServerResponse SignalDesk::take(const Call& call) {
  const Request& request = call.request;
  const std::string client = address_class(call.client);
  if (const Duration wait = guard_.wait(client, call.now.steady); wait.count() > 0) {
    Response response = error_response(429, "rate_limited", "too many wrong signatures");
    response.headers.push_back({"Retry-After", std::to_string(wait.count() / 1'000'000'000 + 1)});
    return response;
  }
  if (request.body.size() > body_max) return error_response(413, "body_too_large", "request body is too large");
  if (!request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const Signer signer = signer_of(call);
  if (signer.verdict == SignatureVerdict::stale) {
    return error_response(401, "stale", "the signature is too old, or of the future");
  }
  if (signer.verdict != SignatureVerdict::right) {
    guard_.failed(client, call.now.steady);
    return error_response(401, "bad_signature", "the signature is missing or wrong");
  }
  const auto said = Said::parse(request.body);
  if (!said) return error_response(400, "bad_body", said.error().what);
  std::string source = said->text("source");
  if (!source.empty() && (source.size() > name_max || !may_send(source))) {
    return error_response(403, "source_refused", "this source may not send signals");
  }
  if (source.empty() && !rules_.takes_any_source) return error_response(403, "source_refused", "signals must name a source that may send");
  const auto meant = seat_of(call, signer, said->text("account"));
  if (const auto* refusal = std::get_if<Response>(&meant)) return *refusal;
  const std::size_t seat = std::get<std::size_t>(meant);
  const std::string hash = to_hex(view(sha256(request.body)));
  auto id = id_of(*said, hash);
  if (!id) return error_response(400, "bad_body", id.error().what);
  auto before = known(call, seat, *id);
  if (auto* failure = std::get_if<Response>(&before)) return std::move(*failure);
  if (const auto& row = std::get<std::optional<SignalRow>>(before)) {
    if (row->body_hash != hash) return error_response(409, "conflict", "this event_id came with another body before");
    return outcome(*row, true);
  }
  const auto picture = call.context.views.read(seat);
  auto signal = signal_of(*said, *picture, rules_.price_deviation);
  if (!signal) return error_response(400, "bad_body", signal.error().what);
  if (picture->paused || picture->halted) return error_response(409, "paused", "entries are paused");
  if (!picture->entries_held.empty()) return error_response(409, "held", "nothing is entered at the moment");
  signal->source = source.empty() ? "unnamed" : std::move(source);
  signal->id = *std::move(id);
  signal->body_hash = hash;
  return execute(call, seat, *std::move(signal));
}

/// The claim is held until the turn is over, even when nobody waits for it any more.
ServerResponse SignalDesk::execute(const Call& call, std::size_t seat, ExternalSignal&& signal) {
  const std::pair id{seat, signal.id};
  {
    const std::lock_guard lock(claims_->mutex);
    if (!claims_->ids.insert(id).second) return error_response(409, "processing", "this signal is being judged");
  }
  auto before = known(call, seat, signal.id);   // judged between the look and the claim
  const auto* row = std::get_if<std::optional<SignalRow>>(&before);
  const auto release = [claims = claims_, id] {
    const std::lock_guard lock(claims->mutex);
    claims->ids.erase(id);
  };
  if (row == nullptr || row->has_value()) {
    release();
    return row == nullptr ? std::get<Response>(std::move(before)) : outcome(**row, true);
  }
  auto over = std::make_shared<std::promise<Status>>();
  auto turn = over->get_future();
  const bool is_taken = sink_ && sink_(seat, signal, [over, release](Status status) {
    release();
    over->set_value(std::move(status));
  });
  if (!is_taken) {
    release();
    return error_response(503, "not_ready", "the engine takes no signals at the moment");
  }
  if (turn.wait_for(turn_limit) != std::future_status::ready) {
    return error_response(504, "timeout", "the engine did not answer in time; send it again to learn the result");
  }
  if (const Status done = turn.get(); !done) return error_response(503, "failed", "the signal could not be kept; send it again");
  auto after = known(call, seat, signal.id);
  if (auto* failure = std::get_if<Response>(&after)) return std::move(*failure);
  const auto& judged = std::get<std::optional<SignalRow>>(after);
  return judged ? outcome(*judged, false) : error_response(503, "failed", "the signal could not be kept; send it again");
}

Response post_signal(const Call& call) {
  if (call.context.signals == nullptr) return error_response(503, "webhooks_off", "no signals are taken here");
  return call.context.signals->take(call);
}

}  // namespace aitrade
