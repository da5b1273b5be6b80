#include "cmd/live_venue.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/net/http_client.h"
#include "core/store/nonces.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/key_check.h"
#include "exchanges/kraken/rest.h"

namespace aitrade::cli {
namespace {

using kraken::LivePair;
using kraken::Purpose;

constexpr Duration deadline_max = seconds{55};    // the venue takes up to 60 s ahead
constexpr Duration clock_off_max = seconds{2};    // the same bound holds entries back during a run

/// A span of the clock that takes as long as this on a real one.
Duration scaled(Duration span, double speed) {
  return Duration{static_cast<std::int64_t>(static_cast<double>(span.count()) * std::max(1.0, speed))};
}

Duration seconds_of(double value) { return Duration{static_cast<std::int64_t>(value * 1e9)}; }

kraken::PrivateClientOptions client_options(const Config& config, const MarketLink& market) {
  kraken::PrivateClientOptions out;
  out.url = market.rest_url();
  const ExchangeConfig& venue = config.venue("kraken");
  out.timeouts.connect = milliseconds{static_cast<std::int64_t>(venue.connect_timeout * 1e3)};
  out.timeouts.total = milliseconds{static_cast<std::int64_t>(venue.timeout * 1e3)};
  return out;
}

/// Sleeps; the counters of the venue decay by the clock.
bool wait_for_real(Duration span) {
  std::this_thread::sleep_for(span);
  return true;
}

/// The venue's id of a currency: "XXBT" of BTC.
Result<std::string> asset_id(const std::vector<kraken::AssetInfo>& assets, const Currency& currency) {
  for (const kraken::AssetInfo& asset : assets) {
    if (kraken::common_currency(asset.altname) == currency) return asset.id;
  }
  return fail(ErrorCode::not_found, "the venue does not list " + currency);
}

/// Deadlines, nonces and the age of prices hang on the clock (operations.md 9.6).
Status check_clock(kraken::RestClient& rest, const MarketLink& market) {
  const Time before = market.clock().now();
  AITRADE_TRY(const Time theirs, rest.time());
  const Time after = market.clock().now();
  constexpr Duration half_a_second{milliseconds{500}};   // the answer has whole seconds
  const Duration off = theirs + half_a_second - (before + (after - before) / 2);
  const Duration bound = scaled(clock_off_max, market.speed()) + (after - before) / 2;
  if (off <= bound && off >= -bound) return ok();
  const auto whole = std::chrono::duration_cast<seconds>(off).count();
  return fail(ErrorCode::corrupt, "our clock is " + std::to_string(whole < 0 ? -whole : whole) + " s " +
                                      (whole < 0 ? "ahead of" : "behind") +
                                      " the exchange's: set it, for example by a time service");
}

Result<std::vector<LivePair>> find_pairs(MarketLink& market, const std::vector<Symbol>& symbols, HttpTransport& http) {
  kraken::RestOptions options;
  options.url = market.rest_url();
  kraken::RestClient rest(options, http, wait_for_real);
  AITRADE_TRY(const std::string status, rest.system_status());
  if (status == "maintenance") return fail(ErrorCode::network, "kraken is in maintenance: try again when it is over");
  AITRADE_TRY_STATUS(check_clock(rest, market));
  AITRADE_TRY(const auto listed, rest.asset_pairs());
  AITRADE_TRY(const auto assets, rest.assets());
  std::vector<LivePair> out;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const Symbol& symbol = symbols[i];
    const auto found = std::find_if(listed.begin(), listed.end(),
                                    [&](const kraken::PairInfo& pair) { return pair.names.symbol == symbol; });
    if (found == listed.end()) return fail(ErrorCode::not_found, "the venue does not list " + to_string(symbol));
    LivePair pair;
    pair.instrument = InstrumentId{static_cast<std::uint32_t>(i)};
    pair.symbol = symbol;
    pair.altname = found->names.altname;
    pair.canonical = found->names.canonical;
    AITRADE_TRY(pair.base_id, asset_id(assets, symbol.base));
    AITRADE_TRY(pair.quote_id, asset_id(assets, symbol.quote));
    out.push_back(std::move(pair));
  }
  return out;
}

/// What the account pays, pair by pair. Errors: invalid, a pair without a fee.
Result<std::vector<kraken::FeeTier>> read_fees(kraken::PrivateClient& client, const std::vector<LivePair>& pairs) {
  std::string names;
  for (const LivePair& pair : pairs) names += (names.empty() ? "" : ",") + pair.altname;
  AITRADE_TRY(const std::string body, client.read(kraken::trade_volume_call(names), Purpose::exit));
  AITRADE_TRY(const kraken::VolumeInfo volume, kraken::parse_trade_volume(body));
  std::vector<kraken::FeeTier> out;
  for (const LivePair& pair : pairs) {
    const auto found = volume.fees.find(pair.canonical);
    if (found == volume.fees.end()) {
      return fail(ErrorCode::invalid, "kraken: TradeVolume: no fee of " + to_string(pair.symbol));
    }
    out.push_back(found->second);
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out;
}

}  // namespace

Result<LiveFindings> look_at_venue(const Config& config, MarketLink& market, const std::vector<Symbol>& symbols,
                                   const VenueCredentials& credentials, Database& ledger) {
  LiveFindings out;
  HttpClient http;
  AITRADE_TRY(out.pairs, find_pairs(market, symbols, http));
  AITRADE_TRY(kraken::Signer signer, kraken::Signer::make(credentials.key));
  LedgerNonces store(ledger);
  kraken::NonceSource nonces(store, signer.key_id());
  kraken::PrivateClient client(client_options(config, market), std::move(signer), credentials.otp, http, nonces,
                               market.clock(), wait_for_real);
  AITRADE_TRY(const std::string rights, client.read(kraken::key_info_call(), Purpose::exit));
  AITRADE_TRY(const kraken::KeyInfo key, kraken::parse_key_info(rights));
  kraken::KeyFindings findings = kraken::check_key(key, market.clock().now());
  if (!findings.may_trade()) return fail(ErrorCode::rejected, "the key is refused: " + joined(findings.refusals));
  out.warnings = std::move(findings.warnings);
  AITRADE_TRY(out.fees, read_fees(client, out.pairs));
  AITRADE_TRY(const std::string balances, client.read(kraken::balance_ex_call(), Purpose::exit));
  AITRADE_TRY(const kraken::Balances read, kraken::parse_balance_ex(balances));
  const auto quote = read.find(out.pairs.front().quote_id);
  if (quote == read.end()) return out;
  AITRADE_TRY(const Decimal available, quote->second.available());
  // Down to what the engine's money holds: a cap, so that less is safe.
  AITRADE_TRY(const Decimal rounded, product(available, Decimal::from_parts(1, 0), 8, Rounding::down));
  AITRADE_TRY(out.free_quote, to_fixed<Money>(rounded));
  return out;
}

Result<kraken::AccountReading> read_account(const Config& config, const MarketLink& market,
                                            const VenueCredentials& credentials, Database& ledger, Time after) {
  HttpClient http;
  AITRADE_TRY(kraken::Signer signer, kraken::Signer::make(credentials.key));
  LedgerNonces store(ledger);
  kraken::NonceSource nonces(store, signer.key_id());
  kraken::PrivateClient client(client_options(config, market), std::move(signer), credentials.otp, http, nonces,
                               market.clock(), wait_for_real);
  const Time now = market.clock().now();
  constexpr Duration overlap{minutes{10}};
  kraken::AccountReading reading(after.ns != 0 ? after - overlap : now - hours{24}, now, true);
  while (const auto call = reading.next()) {
    AITRADE_TRY(const std::string body, client.read(*call, Purpose::exit));
    AITRADE_TRY_STATUS(reading.take(body));
  }
  return reading;
}

std::unique_ptr<kraken::KrakenVenue> make_live_venue(LiveWith with, const VenueCredentials& credentials,
                                                     NonceStore& nonces, Notifier& notifier, EventSink sink) {
  const double speed = with.market.speed();
  kraken::VenueOptions options;
  options.client = client_options(with.config, with.market);
  options.ws_url = with.market.private_ws_url();
  options.clock_speed = speed;
  kraken::LiveOptions& account = options.account;
  account.venue = with.venue;
  account.pairs = std::move(with.pairs);
  account.id_text = [key = with.ids](const ClientOrderId& id) { return client_id_text(id, key); };
  account.read_id = [key = with.ids](std::string_view text) -> std::optional<ClientOrderId> {
    const auto id = parse_client_id(text, key);
    return id ? std::optional(*id) : std::nullopt;
  };
  account.epoch = with.recalled.epoch;
  account.order_deadline = std::min(deadline_max, scaled(account.order_deadline, speed));
  account.answer_patience = scaled(account.answer_patience, speed);
  account.skew_max = scaled(clock_off_max, speed);
  account.read_lag_max = seconds_of(with.config.venue("kraken").read_lag_max_seconds);
  account.stream = kraken::PrivateStreamOptions{account.stream.executions,
                                                scaled(account.stream.ack_timeout, speed),
                                                scaled(account.stream.snapshot_timeout, speed),
                                                scaled(account.stream.ping_after, speed),
                                                scaled(account.stream.liveness, speed)};

  kraken::LiveMemory memory;
  for (const Event& event : with.recalled.events) {
    if (const auto* adopted = std::get_if<OrderAdopted>(&event.body)) memory.orders.push_back(adopted->order);
    if (const auto* desk = std::get_if<AccountRestored>(&event.body)) memory.next_sequence = desk->next_sequence;
  }
  memory.fills = std::move(with.books.fills);
  memory.moves = std::move(with.books.moves);
  memory.baselines = std::move(with.books.baselines);
  memory.expected = std::move(with.books.expected);
  memory.watermark = with.books.newest_fill;
  auto signer = kraken::Signer::make(credentials.key);
  AITRADE_CHECK(signer.has_value());   // look_at_venue() made one
  return std::make_unique<kraken::KrakenVenue>(std::move(options), std::move(memory), *std::move(signer),
                                               credentials.otp, nonces, with.market.clock(), notifier,
                                               std::move(sink));
}

}  // namespace aitrade::cli
