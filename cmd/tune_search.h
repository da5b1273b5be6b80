// One search over one history: which points are tried, by whom, and where the trials are kept.
//
// `tune` runs one over the candles it is given, `walkforward` one over the part before each test window.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/output.h"
#include "cmd/tune_ledger.h"
#include "core/runtime/history.h"

namespace aitrade::cli {

constexpr std::uint64_t trials_default = 200;
constexpr std::uint64_t trials_max = 100'000;   // a ledger line has 7 kB for each
constexpr std::uint64_t trades_min_default = 30;
constexpr unsigned threads_max = 64;
constexpr std::string_view all_together = "all";   // in place of a strategy

struct SearchOptions {
  std::string strategy;
  std::string method{"tpe"};
  std::optional<std::uint64_t> trials;
  std::string parameters;
  std::string objective{"sharpe"};
  unsigned threads{0};
  std::uint64_t seed{0};
  std::uint64_t trades_min{trades_min_default};
  bool allow_shorts{false};

  [[nodiscard]] Objective objective_kind() const;

  /// The strategy that plays alone; "" when all do.
  [[nodiscard]] std::string alone() const { return strategy == all_together ? "" : strategy; }
};

/// Declares them on a command. `objective` names what is allowed there.
void add_search(CLI::App& app, SearchOptions& options);

/// Trial numbers that a process runs: each `count`-th from `index` on.
struct Shard {
  std::uint64_t index{0}, count{1};

  [[nodiscard]] bool has(std::size_t number) const { return number % count == index; }
};

/// Candles let in, and what they are called.
struct Material {
  History history;
  Symbol symbol;
  std::string fingerprint;
};

/// Reads the one input. Errors: those of the input; invalid without candles
Result<std::vector<Candle>> read_candles(const CandleInputOptions& wanted, const Paths& paths, Symbol& symbol);

/// Lets candles in. Errors: invalid without candles, or at a gap that is refused
Result<Material> material_of(std::span<const Candle> candles, const Symbol& symbol, const Config& config);

/// Errors: invalid: an unknown strategy, a word of --params that says nothing, no key to search for all
Result<std::vector<ml::Axis>> axes_of(const SearchOptions& options, const Config& config);

/// Returns the configuration that `backtest` would need for a point. Errors: invalid, where keys are refused
Result<Config> config_at(const SearchOptions& options, const Config& config, const std::vector<ml::Axis>& axes,
                         const ml::Point& point);

Study study_of(const SearchOptions& options, const Config& config, const Material& material,
               std::vector<ml::Axis> axes);

/// Returns the folder of trial ledgers; it need not be there yet.
std::filesystem::path ledgers_path(const Paths& paths);

/// Makes it when it is not there. Errors: full
Result<std::filesystem::path> ledgers_folder(const Paths& paths);

struct SearchOutcome {
  std::vector<TrialRecord> trials;      // by number; with a shard the others are empty
  std::uint64_t resumed{0};             // that were in the ledger
  std::uint64_t done{0};                // that were run now
  double took_ms{0};
  std::optional<ExitCode> stopped;      // by a signal
};

struct SearchJob {
  const Config& config;
  Material& material;                   // its regimes are worked out
  const SearchOptions& options;
  const Study& study;
  Shard shard;
  std::filesystem::path ledger;
  std::string label;                    // of the progress
};

/// Runs it; trials that the ledger has are not run again, and its folder is made when the search may begin. Errors: those of the ledger and of the setup; invalid for a
/// grid that is larger than what was asked for
Result<SearchOutcome> run_search(const SearchJob& job, Context& context);

}  // namespace aitrade::cli
