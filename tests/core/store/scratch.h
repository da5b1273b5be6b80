// A private directory that is gone when the test ends.
#pragma once

#include "core/base/result.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace aitrade {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "aitrade-test-XXXXXX").string();
    AITRADE_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// Returns the value, or fails the test with the reason.
template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().what);
  return *std::move(result);
}

inline void must(Status status) {
  if (!status) FAIL(status.error().what);
}

}  // namespace aitrade
