// The table of keys as text: example file, reference page, JSON Schema, and the values in force.
#pragma once

#include "core/config/load.h"

#include <span>
#include <string>
#include <vector>

namespace aitrade {

/// Returns a configuration file with every key, its help, unit, bounds and default. `commented`
/// puts a # before each value, so that defaults of later versions come through; `init` writes that.
std::string example_file(const KeyTable& table, bool commented);

/// Returns the reference page in Markdown: one table of keys for each section.
std::string reference_page(const KeyTable& table);

/// Returns the JSON Schema (draft 2020-12) of the configuration as a JSON document.
std::string config_schema(const KeyTable& table);

/// One key in force.
struct EffectiveValue {
  std::string key;
  std::string value;  // TOML, "***" for secrets, "" when unset
  std::string origin;
  std::string note;  // what holds while it is unset; the normalised weight
  Reload reload{Reload::hot};
};

/// Returns every key in force with the layer that won, in the order of the table.
/// Requires report.config.
std::vector<EffectiveValue> effective_values(const LoadReport& report, const KeyTable& table);

}  // namespace aitrade
