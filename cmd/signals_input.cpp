#include "cmd/signals_input.h"

#include <algorithm>
#include <utility>

#include "core/data/signal_reader.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

Result<std::size_t> pair_of(const SignalRow& row, const std::vector<Symbol>& pairs) {
  if (!row.pair) {
    if (pairs.size() == 1) return std::size_t{0};
    return fail(ErrorCode::invalid, "names no pair, and the run has several");
  }
  const auto found = std::find(pairs.begin(), pairs.end(), *row.pair);
  if (found == pairs.end()) return fail(ErrorCode::invalid, to_string(*row.pair) + " is not a pair of this run");
  return static_cast<std::size_t>(found - pairs.begin());
}

ForeignSignal signal_of(const SignalRow& row, Duration shift) {
  ForeignSignal signal;
  signal.at = row.time + shift;
  signal.direction = row.direction;
  if (row.size) signal.size = *row.size;
  if (row.quantity) signal.quantity = *row.quantity;
  signal.stop = row.stop;
  signal.target = row.target;
  return signal;
}

std::string text_of(const ForeignSignal& s) {
  return std::to_string(s.at.ns) + ' ' + std::string(to_string(s.direction)) + ' ' + to_string(s.size) + ' ' +
         to_string(s.quantity) + ' ' + to_string(s.stop) + ' ' + to_string(s.target) + '\n';
}

std::string place(const std::string& name, std::int64_t line) { return name + ":" + std::to_string(line); }

}  // namespace

Result<std::shared_ptr<const SignalTable>> open_signals(const std::string& path,
                                                        const std::vector<Symbol>& pairs, Duration shift) {
  AITRADE_TRY(ByteSource source, ByteSource::open(path));
  const std::string name = source.name();
  AITRADE_TRY(std::vector<SignalRow> rows, read_signals(std::move(source)));
  std::stable_sort(rows.begin(), rows.end(), [](const SignalRow& a, const SignalRow& b) { return a.time < b.time; });
  std::vector<std::vector<ForeignSignal>> signals(pairs.size());
  std::vector<std::vector<std::int64_t>> lines(pairs.size());
  for (const SignalRow& row : rows) {
    auto index = pair_of(row, pairs);
    if (!index) return std::move(index).error().within(place(name, row.line));
    if (!signals[*index].empty() && signals[*index].back().at == row.time + shift) {
      return fail(ErrorCode::invalid, place(name, row.line) + ": line " + std::to_string(lines[*index].back()) +
                                          " has a signal of the same pair and time already");
    }
    signals[*index].push_back(signal_of(row, shift));
    lines[*index].push_back(row.line);
  }
  std::string text;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    text += to_string(pairs[i]) + '\n';
    for (const ForeignSignal& signal : signals[i]) text += text_of(signal);
  }
  return std::shared_ptr<const SignalTable>(std::make_shared<SignalTable>(
      SignalTable{name, sha256_hex(text), ForeignSignals(std::move(signals)), std::move(lines), rows.size()}));
}

Error SignalCheck::stray(std::size_t index, std::size_t row) const {
  const InstrumentId id{static_cast<std::uint32_t>(index)};
  const Time at = table_.signals.of(id)[row].at;
  return fail(ErrorCode::invalid, place(table_.name, table_.lines[index][row]) + ": no bar closes at " +
                                      to_string(at) +
                                      "; a signal's time is the close of a bar, the open of the next "
                                      "(--signal-time open: the open of the bar it was computed on)");
}

Status SignalCheck::bar(std::size_t index, Time close) {
  const auto& list = table_.signals.of(InstrumentId{static_cast<std::uint32_t>(index)});
  std::size_t& next = next_[index];
  if (next == list.size() || list[next].at > close) return ok();
  if (list[next].at < close) return stray(index, next);
  ++next;
  return ok();
}

Status SignalCheck::finish() const {
  for (std::size_t i = 0; i < next_.size(); ++i) {
    if (next_[i] < table_.lines[i].size()) return stray(i, next_[i]);
  }
  return ok();
}

}  // namespace aitrade::cli
