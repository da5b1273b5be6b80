#include "exchanges/kraken/account_reads.h"

#include "exchanges/kraken/json.h"

#include <utility>

namespace aitrade::kraken {
namespace {

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

Result<Amount> amount_of(std::string_view name, const JsonValue& value) {
  auto amount = Amount::parse(text_of(&value));
  if (!amount) return std::move(amount).error().within(name);
  return amount;
}

/// Reads a fee in percent as a fraction; errors: invalid when it has more decimals than a Rate.
Result<Rate> percent_at(const JsonValue& row, const char* name) {
  AITRADE_TRY(const Amount percent, amount_at(row, name));
  AITRADE_TRY(const Decimal fraction,
              product(percent.value, Decimal::from_parts(1, 2), Rate::decimals, Rounding::up));
  return to_fixed<Rate>(fraction);
}

Result<LedgerInfo> read_ledger(std::string_view id, const JsonValue& row) {
  LedgerInfo entry;
  entry.id = id;
  entry.reference = text_at(row, "refid");
  const auto time = unix_time_at(row, "time");
  entry.asset = text_at(row, "asset");
  if (!time || entry.asset.empty()) return bad("ledger row without time or asset");
  entry.time = *time;
  entry.type = text_at(row, "type");
  entry.subtype = text_at(row, "subtype");
  entry.asset_class = text_at(row, "aclass");
  AITRADE_TRY(entry.amount, amount_at(row, "amount"));
  AITRADE_TRY(entry.fee, amount_at(row, "fee"));
  AITRADE_TRY(entry.balance, amount_at(row, "balance"));
  return entry;
}

}  // namespace

Result<Decimal> BalanceInfo::available() const {
  Decimal rest = total.value;
  if (credit) {
    AITRADE_TRY(rest, sum(rest, credit->value));
  }
  if (credit_used) {
    AITRADE_TRY(rest, difference(rest, credit_used->value));
  }
  return difference(rest, held.value);
}

bool is_locked_asset(std::string_view asset_id) {
  constexpr std::string_view suffixes = "SMBFTP";
  const auto dot = asset_id.rfind('.');
  if (dot == std::string_view::npos) return false;
  return dot + 2 == asset_id.size() && suffixes.find(asset_id.back()) != std::string_view::npos;
}

PrivateCall balance_call() {
  return {"Balance", {}, {}};
}

PrivateCall balance_ex_call() {
  return {"BalanceEx", {}, {}};
}

PrivateCall trade_balance_call(std::string_view asset_id) {
  return {"TradeBalance", {{"asset", std::string(asset_id)}}, {}};
}

PrivateCall trade_volume_call(std::string_view pair) {
  return {"TradeVolume", {{"pair", std::string(pair)}, {"fee-info", "true"}}, {}};
}

PrivateCall ledgers_call(const HistoryWindow& window) {
  PrivateCall call{"Ledgers", {{"type", "all"}}, {}};
  if (window.after)
    call.fields.emplace_back("start", std::to_string(window.after->seconds_floor()));
  if (window.until) call.fields.emplace_back("end", std::to_string(window.until->seconds_floor()));
  call.fields.emplace_back("ofs", std::to_string(window.offset));
  return call;
}

Result<Balances> parse_balance(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  if (!envelope.result().IsObject()) return bad("Balance is not a map");
  Balances balances;
  for (const auto& entry : envelope.result().GetObject()) {
    const std::string_view asset = text_of(&entry.name);
    AITRADE_TRY(balances[std::string(asset)].total, amount_of(asset, entry.value));
  }
  return balances;
}

Result<Balances> parse_balance_ex(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  if (!envelope.result().IsObject()) return bad("BalanceEx is not a map");
  Balances balances;
  for (const auto& entry : envelope.result().GetObject()) {
    BalanceInfo& info = balances[std::string(text_of(&entry.name))];
    AITRADE_TRY(info.total, amount_at(entry.value, "balance"));
    AITRADE_TRY(info.held, amount_at(entry.value, "hold_trade"));
    AITRADE_TRY(info.credit, maybe_amount_at(entry.value, "credit"));
    AITRADE_TRY(info.credit_used, maybe_amount_at(entry.value, "credit_used"));
  }
  return balances;
}

Result<MarginInfo> parse_trade_balance(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue& row = envelope.result();
  MarginInfo info;
  AITRADE_TRY(info.equivalent, amount_at(row, "eb"));
  AITRADE_TRY(info.trade_balance, amount_at(row, "tb"));
  AITRADE_TRY(info.margin_used, amount_at(row, "m"));
  AITRADE_TRY(info.unrealised, amount_at(row, "n"));
  AITRADE_TRY(info.cost, amount_at(row, "c"));
  AITRADE_TRY(info.valuation, amount_at(row, "v"));
  AITRADE_TRY(info.equity, amount_at(row, "e"));
  AITRADE_TRY(info.free_margin, amount_at(row, "mf"));
  AITRADE_TRY(info.margin_level, maybe_amount_at(row, "ml"));
  return info;
}

Result<VolumeInfo> parse_trade_volume(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  VolumeInfo info;
  info.currency = text_at(envelope.result(), "currency");
  AITRADE_TRY(info.volume, amount_at(envelope.result(), "volume"));
  const JsonValue* takers = member(envelope.result(), "fees");
  const JsonValue* makers = member(envelope.result(), "fees_maker");
  if (takers == nullptr || !takers->IsObject()) return info;
  for (const auto& entry : takers->GetObject()) {
    FeeTier tier;
    AITRADE_TRY(tier.taker, percent_at(entry.value, "fee"));
    tier.maker = tier.taker;
    const std::string pair(text_of(&entry.name));
    if (const JsonValue* maker = makers == nullptr ? nullptr : member(*makers, pair.c_str())) {
      AITRADE_TRY(tier.maker, percent_at(*maker, "fee"));
    }
    info.fees.emplace(pair, tier);
  }
  return info;
}

Result<HistoryPage<LedgerInfo>> parse_ledgers(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  const JsonValue* map = member(envelope.result(), "ledger");
  if (map == nullptr || !map->IsObject()) return bad("Ledgers without a map");
  HistoryPage<LedgerInfo> page;
  for (const auto& entry : map->GetObject()) {
    auto row = read_ledger(text_of(&entry.name), entry.value);
    if (!row) return std::move(row).error().within(text_of(&entry.name));
    page.rows.push_back(*std::move(row));
  }
  page.total = unsigned_of(text_at(envelope.result(), "count"));
  return page;
}

}  // namespace aitrade::kraken
