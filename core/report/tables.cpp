#include "core/report/tables.h"

#include "core/report/number_text.h"
#include "core/report/result_hash.h"
#include "core/report/returns.h"
#include "core/report/verdict.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace aitrade {

namespace {

constexpr std::string_view undefined = "-";

/// Builds the text: headings, two columns of label and value, rows of a list.
class Page {
 public:
  explicit Page(int places) : places_(places) {}

  void heading(std::string_view title) {
    end_row();
    text_ += '\n';
    text_ += title;
    text_ += '\n';
  }

  void line(std::string_view text) {
    end_row();
    text_ += text;
    text_ += '\n';
  }

  void paragraph(std::string_view text) {
    end_row();
    text_ += wrapped(text, report_columns, "  ");
  }

  /// One cell: label left, value right; two cells make a line.
  void cell(std::string_view label, std::string_view value) {
    constexpr std::size_t label_width = 19, value_width = 18;
    text_ += "  ";
    text_ += align_left(label, label_width);
    text_ += align_right(value, value_width);
    if (!left_) text_ += '\n';
    left_ = !left_;
  }

  void cell(std::string_view label, std::optional<double> value, int decimals = 2) {
    cell(label, value ? fixed_text(*value, decimals) : std::string(undefined));
  }

  void percent(std::string_view label, std::optional<double> value) {
    cell(label, value ? percent_text(*value) : std::string(undefined));
  }

  void money(std::string_view label, std::optional<Money> value) {
    cell(label, value ? money_text(*value, places_) : std::string(undefined));
  }

  void count(std::string_view label, std::uint64_t value) { cell(label, grouped_text(value)); }

  void span(std::string_view label, std::optional<Duration> value) {
    cell(label, value ? span_text(*value) : std::string(undefined));
  }

  [[nodiscard]] int places() const { return places_; }

  std::string take() {
    end_row();
    return std::move(text_);
  }

 private:
  void end_row() {
    if (left_) return;
    text_ += '\n';
    left_ = true;
  }

  int places_;
  bool left_{true};
  std::string text_;
};

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts)
    text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

void add_heading(const RunResult& run, const Metrics& m, Page& page) {
  std::vector<std::string> pairs;
  for (const PairCoverage& c : run.coverage) {
    pairs.push_back(c.symbol + " " + timeframe_text(c.timeframe));
  }
  page.line("Backtest  " + joined(pairs, ", "));
  if (!run.identity.strategies.empty()) page.line("  strategies  " + run.identity.strategies);
  if (!run.equity.daily.empty()) {
    page.line("  period      " + to_string_seconds(run.equity.daily.front().at) + " to " +
              to_string_seconds(run.equity.daily.back().at) + ", " + grouped_text(m.days) +
              (m.days == 1 ? " day" : " days"));
  }
  page.heading("Verdict");
  page.paragraph(verdict_on(run, m).sentence);
}

void add_result(const RunResult& run, const Metrics& m, Page& page) {
  page.heading("Result (" + run.identity.currency + ")");
  page.money("start equity", run.initial_equity);
  page.percent("total return", m.total_return);
  page.money("final equity", run.final_equity);
  page.percent(m.yearly_reliable ? "CAGR" : "CAGR *", m.cagr);
  page.money("net profit", m.trades.net_profit);
  page.percent("volatility", m.volatility);
  page.money("fees", run.fees);
  page.percent("of gross profit", m.fees_share);
  page.money("slippage", run.slippage);
  page.percent("of gross profit", m.slippage_share);
}

void add_risk(const Metrics& m, Page& page) {
  const Drawdown& d = m.drawdown;
  page.heading("Risk");
  page.cell("Sharpe", m.sharpe);
  page.percent("max drawdown", d.depth);
  page.cell("  standard error", m.sharpe_standard_error);
  page.cell("Calmar", m.calmar);
  page.cell("  adjusted", m.sharpe_adjusted);
  page.percent("ulcer index", m.ulcer_index);
  page.cell("  t-statistic", m.sharpe_t);
  page.cell("UPI", m.upi);
  page.cell("Sortino", m.sortino);
  page.percent("under water", m.time_under_water);
  page.cell("PSR(0)", m.psr);
  page.count("  longest, days", m.longest_under_water_days);
  page.cell("record needed, days", m.minimum_track_record_days, 0);
  page.percent("VaR 95, one day", m.var_95);
  page.cell("omega", m.omega);
  page.percent("CVaR 95", m.cvar_95);
  page.cell("tail ratio", m.tail_ratio);
  page.cell("skew / kurtosis", m.skew ? fixed_text(*m.skew, 2) + " / " + fixed_text(*m.kurtosis, 2)
                                      : std::string(undefined));
  if (!(d.depth > 0)) return;
  page.line("  deepest fall       " + to_string_seconds(d.peak) + " to " +
            to_string_seconds(d.trough));
  page.line("  recovered          " +
            (d.recovery ? to_string_seconds(*d.recovery) : std::string("not by the end")));
}

std::string win_rate_text(const TradeStats& t) {
  if (!t.win_rate) return std::string(undefined);
  return percent_text(*t.win_rate, 1);
}

std::string interval_text(const TradeStats& t) {
  if (!t.win_rate_low) return std::string(undefined);
  return fixed_text(*t.win_rate_low * 100, 1) + " to " + percent_text(*t.win_rate_high, 1);
}

std::string profit_factor_text(const TradeStats& t) {
  if (t.profit_factor_infinite) return "inf";
  return t.profit_factor ? fixed_text(*t.profit_factor, 2) : std::string(undefined);
}

std::string pair_text(std::optional<double> fraction, std::optional<double> r) {
  if (!fraction) return std::string(undefined);
  return percent_text(*fraction) + (r ? ", " + fixed_text(*r, 2) + " R" : "");
}

std::string run_text(const TradeStats& t) {
  std::string text = std::to_string(t.loss_run);
  if (t.loss_run_expected) text += " (chance " + fixed_text(*t.loss_run_expected, 1) + ")";
  return text;
}

void add_trades(const Metrics& m, Page& page) {
  const TradeStats& t = m.trades;
  page.heading("Trades");
  page.count("trades", t.count);
  page.cell("profit factor", profit_factor_text(t));
  page.cell("wins/losses/even", std::to_string(t.wins) + " / " + std::to_string(t.losses) + " / " +
                                    std::to_string(t.breakevens));
  page.cell("payoff ratio", t.payoff);
  page.cell("win rate", win_rate_text(t));
  page.money("expectancy", t.expectancy);
  page.cell("  95 % interval", interval_text(t));
  page.cell("  in R", t.expectancy_r, 3);
  page.money("average win", t.average_win);
  page.cell("  of equity",
            t.expectancy_equity ? percent_text(*t.expectancy_equity, 3) : std::string(undefined));
  page.money("average loss", t.average_loss);
  page.cell("SQN", t.sqn);
  page.money("best", t.best);
  page.cell(t.kelly_reliable || !t.kelly ? "Kelly" : "Kelly (do not use)", t.kelly, 3);
  page.money("worst", t.worst);
  page.cell("MAE mean", pair_text(t.mae, t.mae_r));
  page.cell("losses in a row", run_text(t));
  page.cell("MFE mean", pair_text(t.mfe, t.mfe_r));
  page.span("held, mean", t.hold_mean);
  page.span("held, winners", t.hold_winners);
  page.span("held, median", t.hold_median);
  page.span("held, losers", t.hold_losers);
}

void add_activity(const RunResult& run, const Metrics& m, Page& page) {
  page.heading("Activity");
  page.count("decisions", run.decisions);
  page.percent("bars in a position", m.exposure);
  page.count("entries", run.entries);
  page.percent("gross exposure", m.gross_exposure);
  page.count("too small to trade", run.too_small);
  page.cell("risk of ruin", run.ruin.probability ? percent_text(*run.ruin.probability)
                                                : "needs " + std::to_string(run.ruin.trades_min) + ", has " +
                                                      std::to_string(run.ruin.trades));
  page.cell("turnover per year",
            m.turnover ? fixed_text(*m.turnover, 1) + " x" : std::string(undefined));
  page.count("ambiguous bars", run.ambiguous_bars);

  std::vector<std::pair<std::uint64_t, Reason>> refused;
  for (const auto& [reason, n] : run.refused)
    refused.emplace_back(n, reason);
  std::stable_sort(refused.begin(), refused.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> words;
  for (const auto& [n, reason] : refused) {
    words.push_back(std::string(to_string(reason)) + " " + grouped_text(n));
  }
  if (!words.empty()) page.paragraph("refused: " + joined(words, ", "));
}

void add_slices(std::string_view title, const std::map<std::string, Slice>& slices, Page& page) {
  if (slices.empty()) return;
  page.line("  " + align_left(title, 22) + align_right("trades", 9) + align_right("wins", 8) +
            align_right("losses", 8) + align_right("net", 16) + align_right("fees", 15));
  for (const auto& [label, s] : slices) {
    page.line("  " + align_left(label, 22) + align_right(std::to_string(s.trades), 9) +
              align_right(std::to_string(s.wins), 8) + align_right(std::to_string(s.losses), 8) +
              align_right(money_text(s.net_profit, page.places()), 16) +
              align_right(money_text(s.fees, page.places()), 15));
  }
}

void add_breakdown(const RunResult& run, Page& page) {
  if (run.trades.empty()) return;
  const Attribution parts = attribute(run.trades, run.identity.tick);
  page.heading("Where it came from");
  add_slices("strategy", parts.by_strategy, page);
  add_slices("exit", parts.by_exit, page);
  if (parts.by_regime.size() > 1) add_slices("regime at entry", parts.by_regime, page);
  if (parts.by_pair.size() > 1) add_slices("pair", parts.by_pair, page);
}

void add_benchmarks(const Metrics& m, Page& page) {
  if (!m.buy_and_hold && !m.random_entry && !m.monte_carlo) return;
  page.heading("Against doing less, and against chance");
  if (m.buy_and_hold) {
    page.percent("buy and hold", m.buy_and_hold->total_return);
    page.percent("  its deepest fall", m.buy_and_hold->max_drawdown);
    page.percent("alpha per year", m.alpha);
    page.cell("  t-statistic", m.alpha_t);
    page.cell("beta", m.beta);
    page.cell("  t-statistic", m.beta_t);
  }
  if (m.random_entry) {
    const RandomEntry& r = *m.random_entry;
    page.line("  " + grouped_text(r.runs) + " runs entering at random: median " +
              percent_text(r.median) + ", 90 % from " + percent_text(r.low) + " to " +
              percent_text(r.high));
    page.line("  at least as good as this run: " + percent_text(r.p_value, 1));
  }
  if (m.monte_carlo) {
    const MonteCarlo& mc = *m.monte_carlo;
    page.line("  " + grouped_text(mc.runs) + " bootstrap paths: final equity 5 % " +
              fixed_text(mc.final_equity.front(), 0) + ", 50 % " +
              fixed_text(mc.final_equity[2], 0) + ", 95 % " +
              fixed_text(mc.final_equity.back(), 0));
    page.line("  chance of a loss " + percent_text(mc.loss_probability, 1) + ", of a fall of " +
              percent_text(mc.ruin_drawdown, 0) + " within a year " +
              percent_text(mc.ruin_year, 1));
  }
}

void add_sensitivity(const RunResult& run, const Metrics& m, Page& page) {
  if (run.sensitivity.empty()) return;
  page.heading("If the world were worse");
  page.line("  " + align_left("", 20) + align_right("return", 14) + align_right("max drawdown", 16) +
            align_right("Sharpe", 12) + align_right("trades", 12));
  const auto add = [&](std::string_view name, double total, double depth,
                       std::optional<double> ratio, std::size_t trades) {
    page.line("  " + align_left(name, 20) + align_right(percent_text(total), 14) +
              align_right(percent_text(depth), 16) +
              align_right(ratio ? fixed_text(*ratio, 2) : std::string(undefined), 12) +
              align_right(grouped_text(trades), 12));
  };
  add("as configured", m.total_return, m.drawdown.depth, m.sharpe, m.trades.count);
  for (const SensitivityLine& line : run.sensitivity) {
    add(line.name, line.total_return, line.max_drawdown, line.sharpe, line.trades);
  }
}

void add_coverage(const RunResult& run, Page& page) {
  page.heading("Data");
  for (const PairCoverage& c : run.coverage) {
    page.line("  " + align_left(c.symbol + " " + timeframe_text(c.timeframe), 16) +
              to_string_seconds(c.first) + " to " + to_string_seconds(c.last));
    page.paragraph(grouped_text(c.bars) + " bars, " + grouped_text(c.gaps) +
                   (c.gaps == 1 ? " gap" : " gaps") + " (" + grouped_text(c.missing) +
                   " missing, " + grouped_text(c.filled) + " filled)");
  }
}

void add_trade_list(const RunResult& run, Page& page) {
  page.heading("Every trade");
  page.line("  " + align_left("opened", 21) + align_left("pair", 10) + align_left("side", 6) +
            align_left("exit", 12) + align_right("bars", 6) + align_right("R", 8) +
            align_right("net", 15));
  for (const TradeRecord& record : run.trades) {
    const TradeClosed& t = record.trade;
    page.line("  " + align_left(to_string_seconds(t.opened_at), 21) +
              align_left(record.symbol, 10) + align_left(to_string(t.direction), 6) +
              align_left(to_string(t.reason), 12) + align_right(std::to_string(t.bars), 6) +
              align_right(fixed_text(t.r_multiple, 2), 8) +
              align_right(money_text(t.pnl, page.places()), 15));
  }
}

void add_notes(const RunResult& run, const Metrics& m, Page& page) {
  page.heading("Notes");
  page.line("  result      " + result_hash(run));
  page.line("  data        " + run.identity.data_fingerprint);
  page.line("  config      " + run.identity.config_hash);
  page.line("  seed        " + std::to_string(run.identity.seed));
  if (m.days < statistics_days_min) {
    page.paragraph("Yearly numbers need at least " + std::to_string(statistics_days_min) +
                   " days; a dash stands for what is undefined.");
  } else if (!m.yearly_reliable) {
    page.paragraph("* From fewer than " + std::to_string(yearly_days_reliable) +
                   " days: a year is a guess.");
  }
  page.paragraph(
      "Equity is marked to market; ratios are from daily equity at 00:00 UTC, 365 days a year, "
      "drawdown from every bar. Bars that hold both stop and target count as stopped.");
}

}  // namespace

std::string backtest_table(const RunResult& run, const Metrics& metrics,
                           const ReportOptions& options) {
  Page page(places_of(run.identity.tick));
  add_heading(run, metrics, page);
  add_result(run, metrics, page);
  add_risk(metrics, page);
  add_trades(metrics, page);
  add_activity(run, metrics, page);
  add_breakdown(run, page);
  add_benchmarks(metrics, page);
  add_sensitivity(run, metrics, page);
  add_coverage(run, page);
  if (options.trades && !run.trades.empty()) add_trade_list(run, page);
  add_notes(run, metrics, page);
  return page.take();
}

}  // namespace aitrade
