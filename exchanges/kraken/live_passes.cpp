// The part of LiveAccount that reads the whole account again: on start, after every gap of the stream, while an
// order is in doubt, and at the cadences of reliability.md 4.4.
//
// A reading that failed says nothing. One that is whole moves orders only by what it says of that very order; an
// order that it does not mention is asked for by its own name, or, when the venue never named it, held for never
// placed once the fence is passed and two readings, ten seconds apart, were silent.
#include <algorithm>
#include <utility>

#include "exchanges/kraken/live_account.h"

namespace aitrade::kraken {
namespace {

constexpr Duration overlap{minutes{10}};
constexpr Duration failed_pause{seconds{5}};
constexpr Duration absent_apart{seconds{10}};
constexpr Duration doubt_pause{seconds{15}};
constexpr Duration calm{seconds{5}};            // an order touched later than this is left to the stream
constexpr int looks_of_a_pass = 5;              // so that a list that lies does not eat the counter of reads
constexpr Duration look_pause{seconds{2}};      // between two looks at one order, and longer each time
constexpr Duration look_pause_max{seconds{10}};

bool is_doubtful(OrderState state) { return state == OrderState::unknown || state == OrderState::settling; }

}  // namespace

void LiveAccount::start_reading(Time now) {
  const bool with_money = now >= money_due_;
  is_open_only_ = !with_money && now < history_due_;
  Time after = watermark_;
  for (const auto& [id, line] : lines_) {
    if (!is_terminal(line.state)) after = std::min(after, line.order.created_at - overlap);
  }
  reading_.emplace(after, now, with_money);
  open_due_ = now + options_.open_every;
  if (!is_open_only_) history_due_ = now + options_.history_every;
  if (with_money) money_due_ = now + options_.money_every;
  ask_reading(*reading_->next());
}

void LiveAccount::ask_reading(const PrivateCall& what) {
  reading_call_ = call(what, Subject::reading, "", Purpose::ordinary);
}

void LiveAccount::on_reading(const Result<std::string>& body, Time now) {
  if (!reading_) return;   // one that a new stream made worthless
  const bool had_open = reading_->has_open();
  Status taken = body ? reading_->take(*body) : Status(body.error());
  if (taken && !had_open) look_for_missing(reading_->open, now);
  if (!taken) {
    note(Notify::Level::warning, "the account could not be read: " + taken.error().what);
    history_due_ = std::min(history_due_, now + failed_pause);
    if (reading_->has_money()) money_due_ = std::min(money_due_, now + failed_pause);
    reading_not_before_ = now + failed_pause;
    reading_.reset();
    return;
  }
  const auto next = is_open_only_ ? std::nullopt : reading_->next();
  if (next) {
    ask_reading(*next);
    return;
  }
  const AccountReading reading = std::move(*reading_);
  reading_.reset();
  reading_not_before_ = now + seconds{1};
  merge(reading, now);
}

void LiveAccount::merge(const AccountReading& reading, Time now) {
  passed_at_ = now;
  // Facts before states: an end is believed when its fills are here.
  for (const TradeInfo& trade : reading.trades) {
    Line* line = find_by_venue(trade.order_id);
    if (line == nullptr && !trade.client_id.empty()) line = find(trade.client_id);
    if (line == nullptr) continue;
    if (line->order.venue_id.empty()) {
      line->order.venue_id = trade.order_id;
      by_venue_[trade.order_id] = line->id;
    }
    add_fill(*line, {trade.id, trade.price.text, trade.quantity.text, trade.cost.text, trade.fee.text,
                     pair_of(line->order.instrument).symbol.quote, trade.is_maker.value_or(false), trade.time}, now);
  }
  std::set<std::string> seen;
  foreign_orders_ = 0;
  const auto take = [&](const OrderInfo& info) {
    Line* line = info.client_id.empty() ? find_by_venue(info.venue_id) : find(info.client_id);
    if (line == nullptr) {
      const bool is_over = info.status != WireStatus::open && info.status != WireStatus::pending;
      if (!is_over && !info.client_id.empty() && options_.read_id(info.client_id)) {
        on_stray(info.client_id, info.venue_id, now);
      } else if (!is_over) {
        ++foreign_orders_;
      }
      return;
    }
    seen.insert(line->id);
    on_order_info(*line, info, now);
  };
  for (const OrderInfo& info : reading.open) take(info);
  for (const OrderInfo& info : reading.ended) take(info);
  int budget = looks_of_a_pass;
  for (auto& [id, line] : lines_) {
    if (!is_terminal(line.state) && !seen.contains(id)) judge_absent(line, reading, now, budget);
  }
  for (auto& [id, line] : lines_) {
    const bool is_too_long = (line.state == OrderState::unknown && now - line.since > options_.undecided_max) ||
                             (line.state == OrderState::settling && now - line.since > options_.settle_max);
    if (is_too_long) static_cast<void>(tell(line, OrderTrigger::give_up, "undecided since " + to_string(line.since)));
    if (is_doubtful(line.state)) history_due_ = std::min(history_due_, now + doubt_pause);
  }
  if (is_open_only_) return;
  on_welcome(true);
  watermark_ = std::max(watermark_, reading.started() - overlap - options_.read_lag_max);
  if (reading.has_money()) compare_money(reading, now);
  if (!stream_.is_synced() || is_reconciled_) return;
  is_reconciled_ = true;
  note(Notify::Level::info, "the account is read and agrees with the books");
}

void LiveAccount::on_order_info(Line& line, const OrderInfo& info, Time now) {
  const Quantity executed = to_fixed<Quantity>(info.executed.value).value_or(Quantity{});
  if (executed < line.cumulative) return;   // older than what we know
  Facts facts;
  facts.venue_id = info.venue_id;
  facts.cumulative = executed;
  facts.reason = info.reason;
  facts.quantity = to_fixed<Quantity>(info.quantity.value).value_or(Quantity{});
  if (info.limit) facts.limit = to_fixed<Price>(info.limit->value).value_or(Price{});
  if (info.trigger) facts.trigger = to_fixed<Price>(info.trigger->value).value_or(Price{});
  facts.is_live = info.status == WireStatus::open;
  facts.ending = info.status == WireStatus::closed     ? Ending::filled
                 : info.status == WireStatus::canceled ? Ending::canceled
                 : info.status == WireStatus::expired  ? Ending::expired
                                                       : Ending::none;
  on_facts(line, facts, now);
}

/// An order that a whole reading does not mention.
void LiveAccount::judge_absent(Line& line, const AccountReading& reading, Time now, int& budget) {
  if (now - line.touched < calm || line.state == OrderState::journaled || line.state == OrderState::in_flight) return;
  if (!line.order.venue_id.empty()) {
    if (budget-- > 0) look_up(line, now);
    return;
  }
  if (is_open_only_ || line.state != OrderState::unknown || reading.started() < line.fence) return;
  if (line.absent > 0 && reading.started() - line.absent_at < absent_apart) return;
  ++line.absent;
  line.absent_at = reading.started();
  if (line.absent < 2) {
    history_due_ = std::min(history_due_, now + absent_apart);
    return;
  }
  static_cast<void>(tell(line, OrderTrigger::find_absent, "no trace at the venue behind its fence"));
}

/// Asks for an order by its own name, which alone moves one that a list left out or the engine denies: soon, and with
/// growing pauses until it has answered. A reading of the whole account would use up the counter of reads instead.
void LiveAccount::look_up(Line& line, Time now) {
  if (line.is_looking) return;
  line.look_at = std::max(now, line.look_not_before);
  if (line.look_at > now) return;
  line.look_at = Time{};
  auto query = line.order.venue_id.empty() ? Result<PrivateCall>(fail(ErrorCode::invalid, "no name yet"))
                                           : query_orders_call({line.order.venue_id});
  if (!query) {   // the venue never named it: only a whole reading knows it by our id
    history_due_ = std::min(history_due_, now);
    return;
  }
  line.is_looking = true;
  line.look_not_before = now + std::min(look_pause + seconds{++line.looks}, look_pause_max);
  call(*std::move(query), Subject::query, line.id, Purpose::exit);
}

void LiveAccount::on_query(const std::string& id, const Result<std::string>& body, Time now) {
  Line* line = find(id);
  if (line == nullptr) return;
  line->is_looking = false;
  const auto read = body ? parse_query_orders(*body) : Result<std::vector<OrderInfo>>(body.error());
  if (!read) {   // the order may be gone, and a stop with it: not only with the next reading
    line->look_at = line->look_not_before;
    return;
  }
  for (const OrderInfo& info : *read) {
    if (info.venue_id == line->order.venue_id) on_order_info(*line, info, now);
  }
  if (is_terminal(line->state) || line->doubted_at.ns == 0) return;
  // What says that it lives may lie behind what the engine says.
  const bool is_settled = now - line->doubted_at > options_.read_lag_max + look_pause_max;
  if (is_settled) line->doubted_at = Time{};
  else line->look_at = line->look_not_before;
}

/// Orders that the venue is known to have and its open orders do not list: asked for at once, whatever becomes of the
/// rest of the reading.
void LiveAccount::look_for_missing(const std::vector<OrderInfo>& open, Time now) {
  int budget = looks_of_a_pass;
  for (auto& [id, line] : lines_) {
    if (is_terminal(line.state) || line.order.venue_id.empty() || now - line.touched < calm || budget == 0) continue;
    const bool is_listed = std::any_of(open.begin(), open.end(), [&](const OrderInfo& info) {
      return info.venue_id == line.order.venue_id;
    });
    if (is_listed) continue;
    --budget;
    look_up(line, now);
  }
}

/// The snapshot of a new connection lists every order that is open: what it leaves out has ended while nobody looked.
void LiveAccount::look_for_unlisted(Time now) {
  int budget = looks_of_a_pass;
  for (auto& [id, line] : lines_) {
    const bool is_left_out = !is_terminal(line.state) && !line.order.venue_id.empty() && line.shown_at < opened_at_ &&
                             line.state != OrderState::in_flight && line.state != OrderState::settling;
    if (!is_left_out || budget-- <= 0) continue;
    if (line.doubted_at.ns == 0) line.doubted_at = now;
    look_up(line, now);
  }
}

// ---- money ----------------------------------------------------------------------------------------------

std::string LiveAccount::currency_of(const std::string& asset_id) const {
  for (const LivePair& pair : options_.pairs) {
    if (asset_id == pair.base_id || asset_id == pair.symbol.base) return pair.symbol.base;
    if (asset_id == pair.quote_id || asset_id == pair.symbol.quote) return pair.symbol.quote;
  }
  return {};
}

void LiveAccount::move_expected(const std::string& asset, const Decimal& amount) {
  Decimal& at = expected_[asset];
  at = sum(at, amount).value_or(at);
}

/// Tells the engine of a move that expected_ has already made.
void LiveAccount::tell_move(const std::string& asset, const Decimal& amount, const std::string& kind,
                            const std::string& reference, Time at) {
  BalanceMoved moved{options_.venue, asset, to_string(amount), kind, reference, at, {}, {}, {}};
  moved.held = std::max(Quantity{}, to_fixed<Quantity>(expected_[asset]).value_or(Quantity{}));
  out_.events.emplace_back(std::move(moved));
}

/// Adds what a trade by hand in one of our pairs got and paid, as the history of fills says.
void LiveAccount::add_terms(BalanceMoved& moved, const LedgerInfo& entry, const AccountReading& reading) const {
  for (const TradeInfo& trade : reading.trades) {
    if (trade.id != entry.reference) continue;
    const bool is_ours = std::any_of(options_.pairs.begin(), options_.pairs.end(), [&](const LivePair& pair) {
      return (trade.pair == pair.canonical || trade.pair == pair.altname) && pair.symbol.base == moved.asset;
    });
    if (!is_ours) return;
    moved.price = to_fixed<Price>(trade.price.value).value_or(Price{});
    moved.fee = to_fixed<Money>(trade.fee.value).value_or(Money{});
  }
}

/// What a fill does to the balances, by the venue's own numbers.
void LiveAccount::expect_fill(const Line& line, const FillTexts& texts) {
  const LivePair& pair = pair_of(line.order.instrument);
  const Decimal quantity = Decimal::parse(texts.quantity).value_or(Decimal{});
  const Decimal fee = Decimal::parse(texts.fee).value_or(Decimal{});
  Decimal cost = texts.cost.empty() ? Decimal{} : Decimal::parse(texts.cost).value_or(Decimal{});
  if (texts.cost.empty()) {
    const Decimal price = Decimal::parse(texts.price).value_or(Decimal{});
    cost = product(price, quantity, Decimal::scale_max, Rounding::half_even).value_or(Decimal{});
  }
  const bool is_buy = line.order.side == Side::buy;
  move_expected(pair.symbol.base, is_buy ? quantity : -quantity);
  move_expected(pair.symbol.quote, is_buy ? -cost : cost);
  const bool is_base_fee = texts.fee_asset == pair.symbol.base;
  move_expected(is_base_fee ? pair.symbol.base : pair.symbol.quote, -fee);
}

/// The books against the venue, to the last digit: what is not our fills is a move that the venue's ledger names,
/// or it is unexplained, and then entries in that asset wait for a person.
void LiveAccount::compare_money(const AccountReading& reading, Time now) {
  const bool may_lag = newest_change_.ns != 0 && now - newest_change_ < options_.read_lag_max;
  for (const LedgerInfo& entry : reading.ledgers) {
    const std::string asset = currency_of(entry.asset);
    const bool is_ours = entry.type == "trade" && fills_.contains(entry.reference);
    const bool is_known = moves_.contains(entry.id);
    const auto baseline = baselines_.find(asset);   // the starting balance holds what came before it
    const bool is_before = baseline == baselines_.end() || entry.time <= baseline->second;
    if (asset.empty() || is_ours || is_known || is_before) continue;
    if (entry.type == "trade" && reading.started() - entry.time < options_.read_lag_max) {   // perhaps ours yet
      money_due_ = std::min(money_due_, entry.time + options_.read_lag_max + seconds{1});
      continue;
    }
    const auto amount = difference(entry.amount.value, entry.fee.value);
    if (!amount) continue;
    moves_.insert(entry.id);
    move_expected(asset, *amount);
    newest_change_ = std::max(newest_change_, entry.time);
    tell_move(asset, *amount, entry.type, entry.id, entry.time);
    if (entry.type == "trade") add_terms(std::get<BalanceMoved>(out_.events.back()), entry, reading);
  }
  if (may_lag) {
    money_due_ = std::min(money_due_, newest_change_ + options_.read_lag_max + seconds{1});
    return;
  }
  std::map<std::string, Decimal> found;
  for (const LivePair& pair : options_.pairs) {
    found.try_emplace(pair.symbol.base);
    found.try_emplace(pair.symbol.quote);
  }
  for (const auto& [asset_id, balance] : reading.balances) {
    const std::string asset = currency_of(asset_id);
    if (!asset.empty()) found[asset] = balance.total.value;
  }
  for (const auto& [asset, total] : found) compare_balance(asset, total, reading, now);
}

/// The balance to begin with: the same in two readings as far apart as a reading may lie behind, and nothing moved in
/// between that the second one knows of. What moved later is told by the venue's ledger, what moved before is in it.
void LiveAccount::take_baseline(const std::string& asset, const Decimal& total, const Decimal& before,
                                const AccountReading& reading) {
  const auto first = candidates_.find(asset);
  const bool is_second = first != candidates_.end();
  if (is_second && reading.started() - first->second.at < options_.read_lag_max) {
    money_due_ = std::min(money_due_, first->second.at + options_.read_lag_max);
    return;
  }
  const bool has_moved = is_second && std::any_of(reading.ledgers.begin(), reading.ledgers.end(), [&](const LedgerInfo& entry) {
    return currency_of(entry.asset) == asset && entry.time > first->second.at;
  });
  if (!is_second || has_moved || first->second.total != total) {
    candidates_[asset] = {total, reading.started()};
    money_due_ = std::min(money_due_, reading.started() + options_.read_lag_max);
    return;
  }
  const Time at = first->second.at;
  candidates_.erase(first);
  baselines_[asset] = at;
  const Decimal amount = difference(total, before).value_or(total);
  expected_[asset] = total;
  tell_move(asset, amount, "baseline", "baseline", at);
}

void LiveAccount::compare_balance(const std::string& asset, const Decimal& total, const AccountReading& reading,
                                  Time now) {
  const auto known = expected_.find(asset);
  const Decimal before = known == expected_.end() ? Decimal{} : known->second;
  if (!baselines_.contains(asset)) {
    take_baseline(asset, total, before, reading);
    return;
  }
  if (total == before) {
    unexplained_.erase(asset);
    return;
  }
  Unexplained& seen = unexplained_[asset];
  seen.amount = difference(total, before).value_or(Decimal{});
  money_due_ = std::min(money_due_, now + seconds{30});
  if (++seen.readings != 2) return;
  note(Notify::Level::critical, "the balance of " + asset + " is " + to_string(total) + ", the books imply " +
                                    to_string(before) + ": entries in it wait until it is explained (aitrade reconcile)");
}

Result<Decimal> LiveAccount::adopt(const std::string& asset, std::string_view who, Time now) {
  now_ = std::max(now_, now);
  const auto found = unexplained_.find(asset);
  if (found == unexplained_.end()) return fail(ErrorCode::not_found, "no difference in " + asset + " to adopt");
  if (found->second.readings < 2) {
    return fail(ErrorCode::busy, "the difference in " + asset + " was seen once so far; ask again in a minute");
  }
  const Decimal amount = found->second.amount;
  unexplained_.erase(found);
  move_expected(asset, amount);
  const std::string reference = "adopted-" + std::to_string(now_.ns) + "-" + std::string(who);
  moves_.insert(reference);
  tell_move(asset, amount, "adopted", reference, now_);
  note(Notify::Level::warning, "the difference of " + to_string(amount) + " " + asset + " was adopted by " + std::string(who));
  return amount;
}

}  // namespace aitrade::kraken
