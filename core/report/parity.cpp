#include "core/report/parity.h"

#include <algorithm>
#include <optional>

namespace aitrade {
namespace {

using Key = std::pair<std::uint32_t, std::int64_t>;   // instrument, candle

Key key_of(const TradeClosed& t, Duration interval) {
  return {number(t.instrument), floor_to(t.opened_at, interval).ns};
}

bool is_operator(ExitReason reason) { return reason == ExitReason::close_all; }

bool is_open_end(const TradeClosed& t) { return t.reason == ExitReason::end_of_data; }

/// Why a side had no such trade, from what it decided at the candle before.
ParityCause cause_of(std::optional<Reason> reason) {
  if (!reason) return ParityCause::missed_data;   // it never saw that candle
  switch (*reason) {
    case Reason::paused:
    case Reason::halted:
      return ParityCause::operator_;
    case Reason::stale_feed:
    case Reason::backfill:
    case Reason::warming_up:
    case Reason::wide_spread:
      return ParityCause::missed_data;
    case Reason::has_position:
    case Reason::closing_opposite:
    case Reason::cooldown_pair:
    case Reason::cooldown_strategy:
    case Reason::cooldown_loss:
    case Reason::max_positions:
    case Reason::max_group:
    case Reason::daily_loss:
    case Reason::drawdown:
    case Reason::loss_streak:
    case Reason::risk_of_ruin:
    case Reason::trades_per_hour:
    case Reason::exposure:
    case Reason::portfolio_heat:
    case Reason::below_minimum:
    case Reason::no_cash:
      return ParityCause::consequence;
    default:
      return ParityCause::unexplained;
  }
}

class Comparison {
 public:
  Comparison(const ParitySide& run, const ParitySide& backtest, Duration interval)
      : run_(run), backtest_(backtest), interval_(interval) {}

  ParityReport result() {
    std::map<Key, const TradeClosed*> others;
    for (const TradeClosed& t : backtest_.trades) {
      others[key_of(t, interval_)] = &t;
      out_.backtest += t.pnl;
    }
    for (const TradeClosed& t : run_.trades) {
      out_.run += t.pnl;
      const auto other = others.find(key_of(t, interval_));
      if (other == others.end()) {
        alone(t, true);
        continue;
      }
      pair(t, *other->second);
      others.erase(other);
    }
    for (const auto& [key, trade] : others) alone(*trade, false);
    std::stable_sort(out_.lines.begin(), out_.lines.end(), [](const ParityLine& a, const ParityLine& b) {
      return a.opened_at < b.opened_at;
    });
    return std::move(out_);
  }

 private:
  void add(ParityCause cause, Money amount) { out_.by_cause[static_cast<std::size_t>(cause)] += amount; }

  /// A trade of both sides: fees and slippage are known, the rest has the cause that explains it.
  void pair(const TradeClosed& run, const TradeClosed& backtest) {
    ++out_.matched;
    const Money difference = run.pnl - backtest.pnl;
    const bool same = difference.is_zero() && run.quantity == backtest.quantity && run.exit == backtest.exit;
    if (same) {
      ++out_.identical;
      return;
    }
    const Money fees = backtest.fees - run.fees;
    const Money slippage = backtest.slippage - run.slippage;
    const Money rest = difference - fees - slippage;
    add(ParityCause::fees, fees);
    add(ParityCause::slippage, slippage);
    ParityCause cause = ParityCause::unexplained;
    if (is_open_end(run) != is_open_end(backtest)) {
      cause = ParityCause::still_open;
    } else if (is_operator(run.reason) && !is_operator(backtest.reason)) {
      cause = ParityCause::operator_;
    } else if (run.quantity != backtest.quantity) {
      cause = ParityCause::size;
    } else if (run.opened_at != backtest.opened_at || run.closed_at != backtest.closed_at) {
      cause = ParityCause::latency;
    } else if (rest.is_zero()) {
      cause = fees.is_zero() ? ParityCause::slippage : ParityCause::fees;
    }
    if (!rest.is_zero()) add(cause, rest);
    out_.lines.push_back({run.instrument, run.opened_at, run.pnl, backtest.pnl, cause,
                          std::string(to_string(run.reason)) + " / " + std::string(to_string(backtest.reason))});
  }

  /// A trade of one side: what the other decided on the candle that made it says why.
  void alone(const TradeClosed& t, bool in_run) {
    ++(in_run ? out_.only_run : out_.only_backtest);
    const ParitySide& other = in_run ? backtest_ : run_;
    const Time decided = floor_to(t.opened_at, interval_);
    std::optional<Reason> reason;
    if (const auto found = other.decisions.find({number(t.instrument), decided.ns}); found != other.decisions.end()) {
      reason = found->second;
    }
    ParityCause cause = cause_of(reason);
    if (in_run && t.opened_at < run_.started) cause = ParityCause::carried_in;
    if (reason == Reason::entered) cause = is_open_end(t) ? ParityCause::still_open : ParityCause::unexplained;
    add(cause, in_run ? t.pnl : -t.pnl);
    out_.lines.push_back({t.instrument, t.opened_at, in_run ? t.pnl : Money{}, in_run ? Money{} : t.pnl, cause,
                          reason ? std::string(to_string(*reason)) : "no decision"});
  }

  const ParitySide& run_;
  const ParitySide& backtest_;
  Duration interval_;
  ParityReport out_;
};

}  // namespace

std::string_view to_string(ParityCause cause) {
  switch (cause) {
    case ParityCause::fees:
      return "fees";
    case ParityCause::slippage:
      return "slippage";
    case ParityCause::latency:
      return "latency";
    case ParityCause::size:
      return "size";
    case ParityCause::missed_data:
      return "missed_data";
    case ParityCause::operator_:
      return "operator";
    case ParityCause::consequence:
      return "consequence";
    case ParityCause::carried_in:
      return "carried_in";
    case ParityCause::still_open:
      return "still_open";
    case ParityCause::unexplained:
      return "unexplained";
  }
  return "";
}

ParityReport compare_runs(const ParitySide& run, const ParitySide& backtest, Duration interval) {
  return Comparison(run, backtest, interval).result();
}

}  // namespace aitrade
