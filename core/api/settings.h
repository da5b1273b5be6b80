// The configuration over HTTP: what is set, within which bounds, and changes of it, tried before they are kept.
//
// A change is checked as a whole with everything else that is configured, and nothing of it is kept when
// anything is wrong. It goes to the overlay file below environment and command line. What the daemon can take
// over while it runs is in force at once; the rest waits for the next start and is told so. May be used from any
// thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/config/load.h"
#include "core/config/snapshot.h"

namespace aitrade {

class SettingsDesk {
 public:
  /// Loads the configuration as the daemon did, with further assignments ("section.key=value") on top.
  using Loader = std::function<LoadReport(const std::vector<std::string>& overrides)>;

  /// Takes over what it can of a configuration and returns the keys that are in force now.
  using Apply = std::function<std::vector<std::string>(const Config& next, const std::vector<Change>& changes,
                                                       const std::string& actor)>;

  SettingsDesk(Loader loader, KeyTable table, std::filesystem::path overlay)
      : loader_(std::move(loader)), table_(std::move(table)), overlay_(std::move(overlay)) {}

  /// Says what is in force, which keys can change at once, and who makes them. Before the first request.
  void run_with(const Config& running, std::set<std::string> live_keys, Apply apply);

  /// Returns every key with its value, bounds and origin; secrets masked. Errors: invalid when the files are
  /// broken now.
  Result<std::string> list();

  /// One key and the words of its new value, as `--set` takes them.
  using Assignments = std::vector<std::pair<std::string, std::string>>;

  struct Wish {
    Assignments values;
    bool dry_run{false};
    bool is_confirmed{false};   // loosening risk in live mode wants it
    std::string actor;
  };

  struct Fault {
    std::string path, message;   // a key, and what is wrong with its value
  };

  struct Outcome {
    std::string json;            // what changed, what holds, what waits, what is shadowed
    std::vector<Fault> faults;   // instead: why nothing did
    bool needs_confirmation{false};
    bool is_changed{false};
  };

  /// Tries a change, and keeps it unless it is a dry run. Errors: full or io when it cannot be written.
  Result<Outcome> change(const Wish& wish);

  /// Reads the files again and takes over what it can. Nothing changes when they have errors.
  Result<Outcome> reload(const std::string& actor);

 private:
  Status keep(const Assignments& values, const Config& config);
  std::vector<std::string> take_over(const Config& next, const std::vector<Change>& changes, const std::string& actor);
  std::vector<std::string> pending(const Config& next);
  [[nodiscard]] bool is_live_key(const std::string& name) const { return live_keys_.contains(name); }

  Loader loader_;
  KeyTable table_;
  std::filesystem::path overlay_;
  std::mutex mutex_;   // one change at a time; guards all that follows
  std::optional<Config> running_;
  std::set<std::string> live_keys_;
  Apply apply_;
};

}  // namespace aitrade
