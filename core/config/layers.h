// The layers of the configuration as lists of assignments; inside core/config only.
#pragma once

#include "core/config/load.h"

#include <vector>

namespace aitrade {

/// One key set by one layer.
struct Assignment {
  const Key* key;
  RawValue value;
  Layer layer;
};

/// Collects assignments and what is wrong with their shape: unknown names, unreadable files.
class Layers {
 public:
  explicit Layers(const KeyTable& table) : table_(table) {}

  /// Adds a file if it exists; `required` makes a missing one an error.
  void add_file(const std::filesystem::path& file, Layer layer, bool required);
  void add_text(std::string_view text, const std::string& name, Layer layer);
  /// Adds the environment. Empty variables count as unset. Call it after files and overrides: the
  /// account they name decides about ACCOUNT_-prefixed variables.
  void add_environment(const EnvironmentMap& environment);
  void add_overrides(const std::vector<std::string>& overrides);

  [[nodiscard]] const std::vector<Assignment>& assignments() const { return assignments_; }

  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

  std::vector<Problem>& problems() { return problems_; }

 private:
  void walk(const RawValue& table, const std::string& prefix, Layer layer);
  void add_variable(const Key& key, const EnvironmentMap& environment, const std::string& account);
  void refuse_unknown_variables(const EnvironmentMap& environment);
  void complain(const Place& place, std::string key, std::string value, std::string what);
  void complain_unknown(const Place& place, const std::string& name, const std::string& value);
  [[nodiscard]] std::string account(const EnvironmentMap& environment) const;

  const KeyTable& table_;
  Config shape_;  // only asked what kind each value is
  std::vector<Assignment> assignments_;
  std::vector<Problem> problems_;
  std::vector<std::string> files_;
};

}  // namespace aitrade
