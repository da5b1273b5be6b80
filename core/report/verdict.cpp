#include "core/report/verdict.h"

#include "core/report/number_text.h"
#include "core/report/returns.h"

namespace aitrade {

namespace {

constexpr double psr_needed = 0.95;
constexpr std::size_t trades_few = 30;

std::string counted(std::size_t n, std::string_view singular, std::string_view plural) {
  return grouped_text(n) + " " + std::string(n == 1 ? singular : plural);
}

std::string trades_text(const Metrics& m) {
  return counted(m.trades.count, "trade", "trades");
}

std::string no_trades_sentence(const RunResult& run) {
  std::string text = "no trades, so nothing to judge";
  if (run.decisions == 0) return text + ": no decision was made";
  text += ": " + counted(run.decisions, "decision", "decisions");
  const Reason* commonest = nullptr;
  std::uint64_t most = 0;
  for (const auto& [reason, count] : run.refused) {
    if (count > most) most = count, commonest = &reason;
  }
  if (commonest != nullptr)
    text += ", most often refused for " + std::string(to_string(*commonest));
  return text;
}

/// How much longer this Sharpe must hold; nothing when the record is long enough or never can be.
std::string more_time_text(const Metrics& m) {
  if (!m.minimum_track_record_days) return "";
  const double more = *m.minimum_track_record_days - static_cast<double>(m.days);
  if (!(more > 0)) return "";
  if (more < days_per_year)
    return "; needs about " + fixed_text(more, 0) + " more days at this Sharpe";
  return "; needs about " + fixed_text(more / days_per_year, 1) + " more years at this Sharpe";
}

std::string psr_text(const Metrics& m) {
  if (!m.psr) return "Sharpe undefined";
  // Cut, not rounded: 0.949 must not print as a pass.
  const double cut = static_cast<double>(static_cast<int>(*m.psr * 100)) / 100;
  return "PSR " + fixed_text(cut, 2) + " over " + counted(m.days, "day", "days") + " and " +
         trades_text(m);
}

/// Entering at random did as well too often to credit the timing.
bool matched_by_random(const Metrics& m) {
  constexpr double share_most = 0.05;
  return m.random_entry && m.random_entry->p_value > share_most;
}

std::string random_text(const Metrics& m) {
  return "random entries did as well in " + percent_text(m.random_entry->p_value, 0) + " of runs";
}

Verdict judge(const RunResult& run, const Metrics& m) {
  if (run.trades.empty()) return {VerdictKind::no_trades, no_trades_sentence(run)};
  if (m.days < statistics_days_min) {
    return {VerdictKind::too_short, "too short to judge: " + counted(m.days, "day", "days") +
                                        " and " + trades_text(m) + ", at least " +
                                        std::to_string(statistics_days_min) + " days are needed"};
  }
  if (!m.psr)
    return {VerdictKind::no_risk, "equity hardly moved from day to day: nothing to judge"};
  if (m.total_return < 0) {
    return {VerdictKind::loses,
            "no edge: it lost " + percent_text(-m.total_return) + " (" + psr_text(m) + ")"};
  }
  if (*m.psr < psr_needed) {
    return {VerdictKind::luck, "not distinguishable from luck: " + psr_text(m) + more_time_text(m)};
  }
  if (matched_by_random(m)) {
    return {VerdictKind::luck, "not distinguishable from luck in its timing: " + psr_text(m)};
  }
  return {VerdictKind::beats_chance, "better than chance in this one run: " + psr_text(m) +
                                         "; counts only if nothing was tuned on this data"};
}

}  // namespace

std::string_view to_string(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::no_trades:
      return "no_trades";
    case VerdictKind::too_short:
      return "too_short";
    case VerdictKind::no_risk:
      return "no_risk";
    case VerdictKind::loses:
      return "loses";
    case VerdictKind::luck:
      return "luck";
    case VerdictKind::beats_chance:
      return "beats_chance";
  }
  return "";
}

Verdict verdict_on(const RunResult& run, const Metrics& metrics) {
  Verdict verdict = judge(run, metrics);
  const bool is_judged =
      verdict.kind == VerdictKind::luck || verdict.kind == VerdictKind::beats_chance;
  if (is_judged && metrics.trades.count < trades_few) {
    verdict.sentence += "; only " + trades_text(metrics);
  }
  if (is_judged && matched_by_random(metrics)) verdict.sentence += "; " + random_text(metrics);
  if (!metrics.suspicions.empty()) {
    verdict.sentence += "; too good to be believed (";
    for (std::size_t i = 0; i < metrics.suspicions.size(); ++i) {
      verdict.sentence += (i > 0 ? ", " : "") + metrics.suspicions[i];
    }
    verdict.sentence += "): audit causality before trusting it";
  }
  return verdict;
}

}  // namespace aitrade
