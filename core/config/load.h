// Files, environment and command line to one immutable Config, with every mistake found in one run.
//
// Later layers win: defaults, /etc/aitrade/config.toml, the user's config.toml, --config files in
// order, config.local.toml, environment, command line. Each layer is checked in full, also where a
// later one overrides it.
#pragma once

#include "core/config/keys.h"
#include "core/config/paths.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace aitrade {

enum class Layer {
  defaults,
  system_file,
  user_file,
  named_file,
  overlay,
  environment,
  command_line
};

/// Where an effective value comes from.
struct Origin {
  Layer layer{Layer::defaults};
  Place place;
};

/// Returns "default", "file config.toml:41", "environment TRADING_MODE", "command line".
std::string to_string(const Origin& origin);

enum class Severity { error, warning };

struct Problem {
  Severity severity{Severity::error};
  Place place;
  std::string key;    // "risk.max_daily_loss", or "" when a file as a whole is meant
  std::string value;  // as written, masked for secrets; "" when there is none
  std::string what;
};

/// Returns "config.toml:41:12 risk.max_risk_per_trade = 0.5: must be in (0, 0.1]".
std::string to_string(const Problem& problem);

struct LoadOptions {
  Paths paths;                               // of the standard files; missing ones are skipped
  std::vector<std::filesystem::path> files;  // --config, in order; a missing one is an error
  std::vector<std::string> overrides;        // --set section.key=value, in order
  EnvironmentMap environment;
};

/// What load() found. `config` is null when there is an error among the problems.
struct LoadReport {
  std::shared_ptr<const Config> config;
  std::vector<Problem> problems;          // errors and warnings, in the order of the layers
  std::map<std::string, Origin> origins;  // of every key that a layer sets; others are defaults
  std::vector<std::string> files;         // that were read, lowest layer first

  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] Origin origin_of(const std::string& key) const;
};

/// Loads the configuration. `catalog` names the strategies that exist and their parameters.
LoadReport load_config(const LoadOptions& options, std::span<const StrategyKeys> catalog);

/// Returns the report as one Error (code invalid) that lists every problem, one per line, with a
/// count at the end; for commands that have no use for the parts. Requires an error in the report.
Error to_error(const LoadReport& report);

/// Loads one text as the only file: for tests and for `config check -`.
LoadReport load_config_text(std::string_view text, const std::string& name,
                            std::span<const StrategyKeys> catalog);

}  // namespace aitrade
