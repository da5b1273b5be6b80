#include "cmd/why_not.h"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <string_view>

#include "core/base/time.h"

namespace aitrade::cli {
namespace {

std::size_t at(Reason reason) { return static_cast<std::size_t>(reason); }

/// A strategy or a timeframe that had something to say has no reason against it.
std::string_view name_of(Reason reason) { return reason == Reason::none ? "spoke" : to_string(reason); }

std::string percent(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100 * share);
  return text.data();
}

}  // namespace

void WhyNot::on_decision(const Decision& decision) {
  Count& count = decisions_[number(decision.instrument)][at(decision.reason)];
  ++count.all;
  if (decision.opinion.votes_count > 0) ++count.voted;
}

void WhyNot::on_candle(const Desk& desk, InstrumentId instrument, Time close) {
  for (const Frame& frame : desk.frames(instrument)) {
    if (!frame.judged_at(close)) continue;
    Count& opinion = opinions_[{number(instrument), frame.timeframe()}][at(frame.opinion.reason)];
    ++opinion.all;
    if (frame.opinion.votes_count > 0) ++opinion.voted;
    for (const Signal& signal : frame.signals()) {
      Count& voice = voices_[{signal.strategy, frame.timeframe()}][at(signal.reason)];
      ++voice.all;
      if (signal.is_actionable()) ++voice.voted;
    }
  }
}

void WhyNot::append(std::vector<Row>& rows, const Row& like, const Counts& counts) {
  const auto first = static_cast<std::ptrdiff_t>(rows.size());
  std::uint64_t sum = 0;
  for (const Count& count : counts) sum += count.all;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].all == 0) continue;
    Row row = like;
    row.rule = static_cast<Reason>(i);
    row.count = counts[i];
    row.share = static_cast<double>(counts[i].all) / static_cast<double>(sum);
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin() + first, rows.end(),
                   [](const Row& a, const Row& b) { return a.count.all > b.count.all; });
}

WhyNot::Counts WhyNot::total() const {
  Counts out{};
  for (const Counts& counts : decisions_) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      out[i].all += counts[i].all;
      out[i].voted += counts[i].voted;
    }
  }
  return out;
}

std::vector<WhyNot::Row> WhyNot::rows(const TradingRules& rules) const {
  std::vector<Row> out;
  append(out, {"all", "", rules.primary, "", {}, {}, 0}, total());
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    append(out, {"decision", pairs_[i], rules.primary, "", {}, {}, 0}, decisions_[i]);
  }
  for (const auto& [key, counts] : opinions_) {
    append(out, {"opinion", pairs_[key.first], key.second, "", {}, {}, 0}, counts);
  }
  for (const auto& [key, counts] : voices_) {
    std::string name;
    for (const StrategyChoice& choice : rules.strategies) {
      if (choice.id == key.first) name = choice.info->name;
    }
    append(out, {"strategy", "", key.second, name, {}, {}, 0}, counts);
  }
  return out;
}

/// Names the rule that binds: the one that refused most of what at least one strategy asked for.
void WhyNot::headline(Context& context) const {
  const Counts counts = total();
  std::uint64_t decisions = 0;
  std::uint64_t voted = 0;
  std::size_t binding = at(Reason::entered);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    decisions += counts[i].all;
    voted += counts[i].voted;
    if (i == at(Reason::entered)) continue;
    if (binding == at(Reason::entered) || counts[i].voted > counts[binding].voted) binding = i;
  }
  context.out << decisions << " decisions, " << voted << " with a vote, " << counts[at(Reason::entered)].all
              << " entered";
  if (counts[binding].voted > 0) {
    context.out << "; most votes ended at " << to_string(static_cast<Reason>(binding)) << " ("
                << counts[binding].voted << ", "
                << percent(static_cast<double>(counts[binding].voted) / static_cast<double>(voted)) << ')';
  }
  context.out << "\n\n";
}

void WhyNot::print(Context& context, const TradingRules& rules) const {
  const Format format = resolve_format(context, Format::json);
  const bool is_table = format == Format::table;
  Table table({{"level"}, {"pair"}, {"timeframe"}, {"strategy"}, {"rule"}, {"count", true}, {"share", true},
               {"voted", true}});
  for (const Row& row : rows(rules)) {
    const auto text = [](const std::string& value) { return value.empty() ? Cell::none() : Cell::of(value); };
    table.add({Cell::of(row.level), text(row.pair), Cell::of(timeframe_text(row.timeframe)), text(row.strategy),
               Cell::of(name_of(row.rule)), Cell::of(row.count.all),
               is_table ? Cell::of(percent(row.share)) : Cell::of(row.share), Cell::of(row.count.voted)});
  }
  if (is_table) headline(context);
  table.print(context, format, "why_not");
}

}  // namespace aitrade::cli
