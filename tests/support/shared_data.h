// Reference files that lie beside the source tree, for tests that compare with published figures.
#pragma once

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace aitrade::test {

/// Returns the path of a shared file, or nothing, and says so, when it is not there.
inline std::optional<std::string> shared_file(const std::string& name) {
  const auto path = std::filesystem::path(AITRADE_SOURCE_DIR) / ".." / "shared" / name;
  if (std::filesystem::exists(path)) return path.string();
  WARN("skipped: no shared file " + name + " beside the source tree");
  return std::nullopt;
}

/// Reads a JSON file that is there.
inline rapidjson::Document read_json(const std::string& path) {
  std::ifstream in(path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

/// The case of that id in a reference file.
inline const rapidjson::Value& case_of(const rapidjson::Document& document, const std::string& id) {
  for (const auto& one : document["cases"].GetArray()) {
    if (one["id"].GetString() == id) return one;
  }
  FAIL("no such case");
  return document;
}

}  // namespace aitrade::test
