// TOML text to a tree of values with their places. The only file that knows toml++ is its source.
#pragma once

#include "core/config/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace aitrade {

/// A syntax error: TOML readers stop at the first.
struct TomlFault {
  Place place;
  std::string what;
};

struct TomlTree {
  RawValue root;  // a table
  std::optional<TomlFault> fault;
};

/// Parses TOML. `name` is what messages call the file. Numbers keep the text they were written
/// with.
TomlTree parse_toml(std::string_view text, const std::string& name);

}  // namespace aitrade
