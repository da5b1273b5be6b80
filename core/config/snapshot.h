// The configuration in force, and its replacement by reload.
//
// Readers take a snapshot and keep it for one decision; a reload builds a new one, checks it in
// full and swaps it in whole, or changes nothing. Keys of class R keep their running value and are
// reported as waiting for a restart, so nothing is half applied.
#pragma once

#include "core/config/load.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace aitrade {

/// One key whose value differs between two configurations.
struct Change {
  std::string key;
  std::string before, after;  // as TOML, masked for secrets
  Reload reload{Reload::hot};
};

/// Returns the keys that differ, in the order of the table.
std::vector<Change> changes_between(const Config& before, const Config& after,
                                    const KeyTable& table);

/// What a reload did.
struct ReloadReport {
  bool applied{false};
  std::vector<Change> changes;    // restart ones included: they wait
  std::vector<Problem> problems;  // when not applied: why

  [[nodiscard]] std::vector<Change> pending_restart() const;
};

/// Holds the snapshot. May be used from any thread.
class ConfigHolder {
 public:
  using Loader = std::function<LoadReport()>;

  /// Loads once. `loader` is called again by each reload and by nothing else.
  ConfigHolder(Loader loader, std::span<const StrategyKeys> catalog);

  /// Returns the first report: its problems are for the operator, its config may be null.
  [[nodiscard]] const LoadReport& first() const { return first_; }

  /// Returns the snapshot in force; null only when the first load failed.
  [[nodiscard]] std::shared_ptr<const Config> current() const;

  /// Loads again and swaps the snapshot, or keeps it when there is an error.
  ReloadReport reload();

  /// Returns how often the loader was called.
  [[nodiscard]] int loads() const;

 private:
  Loader loader_;
  KeyTable table_;
  LoadReport first_;
  mutable std::mutex mutex_;  // guards current_ and loads_
  std::mutex reload_mutex_;   // one reload at a time
  std::shared_ptr<const Config> current_;
  int loads_{0};
};

}  // namespace aitrade
