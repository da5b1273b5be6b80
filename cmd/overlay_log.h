// What commands wrote to the overlay of the configuration: an append-only file with what stood there before, so that
// the last change can be put back.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace aitrade::cli {

/// One change that stands.
struct OverlayChange {
  std::string label;                    // what it is called
  std::optional<std::string> before;    // the overlay before it; nothing: there was no file
  std::string digest;                   // of the overlay after it
  std::string line;                     // as the log has it, JSON
};

class OverlayLog {
 public:
  /// Lines of `kind` begin a change and hold its label under `label_key`.
  OverlayLog(std::filesystem::path log, std::filesystem::path overlay, std::string kind, std::string label_key)
      : log_(std::move(log)), overlay_(std::move(overlay)), kind_(std::move(kind)), label_key_(std::move(label_key)) {}

  /// The changes that were not rolled back, oldest first.
  [[nodiscard]] std::vector<OverlayChange> standing() const;

  /// The overlay as it is; nothing: there is no file.
  [[nodiscard]] std::optional<std::string> overlay() const;

  /// Appends a line, a JSON object with "overlay_before", durably: before anything changes. Errors: full, io
  Status begin(const std::string& line) const;

  /// Appends that the change is made. Errors: full, io
  Status done() const;

  /// Whether nobody has touched the overlay since the change.
  [[nodiscard]] bool is_untouched(const OverlayChange& change) const;

  /// Puts back what stood before a change, whole or not at all, and logs it. Errors: full, io
  Status roll_back(const OverlayChange& change) const;

 private:
  std::filesystem::path log_, overlay_;
  std::string kind_, label_key_;
};

}  // namespace aitrade::cli
