// The configuration over HTTP: what is set, within which bounds, and changes of it, tried before they are kept.
//
// A change is checked as a whole with everything else that is configured, and nothing of it is kept when
// anything is wrong. It goes to the overlay file below environment and command line, and holds from the next
// start. May be used from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/config/load.h"

namespace aitrade {

class SettingsDesk {
 public:
  /// Loads the configuration as the daemon did, with further assignments ("section.key=value") on top.
  using Loader = std::function<LoadReport(const std::vector<std::string>& overrides)>;

  SettingsDesk(Loader loader, KeyTable table, std::filesystem::path overlay)
      : loader_(std::move(loader)), table_(std::move(table)), overlay_(std::move(overlay)) {}

  /// Returns every key with its value, bounds and origin; secrets masked. Errors: invalid when the files are
  /// broken now.
  Result<std::string> list();

  /// One key and the words of its new value, as `--set` takes them.
  using Assignments = std::vector<std::pair<std::string, std::string>>;

  struct Wish {
    Assignments values;
    bool dry_run{false};
    bool is_confirmed{false};   // loosening risk in live mode wants it
  };

  struct Outcome {
    std::string json;            // what changed, what waits, what is shadowed
    std::vector<std::string> problems;   // instead: why nothing did
    bool needs_confirmation{false};
  };

  /// Tries a change, and keeps it unless it is a dry run. Errors: full or io when it cannot be written.
  Result<Outcome> change(const Wish& wish);

 private:
  Status keep(const Assignments& values, const Config& config);

  Loader loader_;
  KeyTable table_;
  std::filesystem::path overlay_;
  std::mutex mutex_;   // one change at a time
};

}  // namespace aitrade
