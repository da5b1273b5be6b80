// The trial ledger: every trial of a search in an append-only file, so that none is run twice and none is
// forgotten when the best is judged (decision 21).
//
// One JSON object a line. The first says what is searched, over which candles, with which configuration and
// seed; each further one is a finished trial, in the order of finishing. A line goes to the system whole
// before the next trial begins, so a killed process loses the trials that were running; a torn last line is
// cut off when the file is opened again. One process writes a ledger at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cmd/tune_trial.h"

namespace aitrade::cli {

/// What identifies a search: equal values give equal trials.
struct Study {
  std::string strategy, pair, timeframe;
  std::string data_fingerprint, config_hash;
  std::uint64_t bars{0};
  Time first, last;             // first open, last close
  std::string method;           // grid, random, tpe
  std::uint64_t seed{0};
  std::string objective;        // of tpe, whose points depend on it; else empty
  std::uint64_t trades_min{0};  // likewise
  bool allow_shorts{false};
  std::vector<ml::Axis> axes;

  /// Returns the first line of a ledger, without the line end.
  [[nodiscard]] std::string header() const;

  /// Returns twelve hex digits that name it.
  [[nodiscard]] std::string id() const;
};

class TrialLedger {
 public:
  /// Opens or makes the file and reads the trials that are there.
  ///
  /// Errors: invalid when it belongs to another search (says what differs), corrupt with the line, busy when
  ///         another process writes it, full, io
  static Result<TrialLedger> open(const std::filesystem::path& path, const Study& study);

  TrialLedger(TrialLedger&& other) noexcept;
  TrialLedger& operator=(TrialLedger&& other) noexcept;
  ~TrialLedger();

  /// The trials that were there when it was opened, by number.
  [[nodiscard]] const std::vector<TrialRecord>& known() const { return known_; }

  /// Appends a finished trial. Errors: full, io.
  Status append(const TrialRecord& trial);

 private:
  TrialLedger(int file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}

  Status load(const std::string& text, const Study& study);
  Status write(const std::string& line);

  int file_;
  std::filesystem::path path_;
  std::vector<TrialRecord> known_;
};

}  // namespace aitrade::cli
