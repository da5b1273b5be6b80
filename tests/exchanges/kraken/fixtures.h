// The venue's recorded payloads, when they lie beside the source tree.
#pragma once

#include <catch2/catch.hpp>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace aitrade {

/// Returns a payload, or nothing after a WARN when it is not there.
inline std::optional<std::string> kraken_fixture(const std::string& name) {
  const std::string path =
      std::string(AITRADE_SOURCE_DIR) + "/../shared/protocols/fixtures/kraken/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    WARN("skipped: no fixture " << name);
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace aitrade
