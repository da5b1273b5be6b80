// A home directory that no command has used before, and the built binary run in it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/tape.h"

namespace aitrade::test {

struct Home {
  TempFolder folder;
  std::string path = folder / "home";   // not made yet

  [[nodiscard]] Finished run(std::vector<std::string> arguments,
                             std::map<std::string, std::string> environment = {}) const {
    arguments.insert(arguments.end(), {"--home", path});
    return run_aitrade(Start{.arguments = std::move(arguments), .environment = std::move(environment)});
  }

  /// Path of a file of the state directory.
  [[nodiscard]] std::filesystem::path data(const char* name) const {
    return std::filesystem::path(path) / "data" / name;
  }

  /// Writes five hours of minutes and returns the file.
  [[nodiscard]] std::string candles() const {
    return folder.write("candles.csv", to_csv(made_candles(1, 300, 40'000)));
  }
};

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace aitrade::test
