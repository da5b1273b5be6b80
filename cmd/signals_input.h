// Foreign signals of a backtest: from rows of a file or a pipe to the table that the desk obeys.
//
// A time is the moment a signal is known: the close of a bar, which is the open of the next. A time at which no
// bar closes is refused with its line, for a signal that is moved to another bar either looks ahead or comes
// late.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/domain/instrument.h"
#include "core/trading/foreign_signals.h"

namespace aitrade::cli {

/// The signals of a run, by pair of the run.
struct SignalTable {
  std::string name;                                // of the input, for messages
  std::string hash;                                // of what they say
  ForeignSignals signals;
  std::vector<std::vector<std::int64_t>> lines;    // of the input, beside `signals`
  std::uint64_t count{0};
};

/// Reads the signals of `path` ("-" is stdin) for the pairs of a run. `shift` is added to every time: the
/// interval of the bars when rows are stamped with the open of the bar they were computed on.
///
/// Errors: invalid: those of read_signals(), a row that names no pair where there are several or one that is
///         not of the run, two rows of one pair and time
Result<std::shared_ptr<const SignalTable>> open_signals(const std::string& path,
                                                        const std::vector<Symbol>& pairs, Duration shift);

/// Watches the bars of a run go by and finds signals that belong to none.
class SignalCheck {
 public:
  /// Borrows the table.
  explicit SignalCheck(const SignalTable& table) : table_(table), next_(table.lines.size(), 0) {}

  /// A bar of pair `index` closes. Errors: invalid, with the line of a signal between it and the one before.
  Status bar(std::size_t index, Time close);

  /// The run is over. Errors: invalid, with the line of a signal after the last bar.
  Status finish() const;

 private:
  [[nodiscard]] Error stray(std::size_t index, std::size_t row) const;

  const SignalTable& table_;
  std::vector<std::size_t> next_;   // by pair: the first signal that no bar has met
};

}  // namespace aitrade::cli
