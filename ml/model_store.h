// The folder of models: five kept, one active, every change whole or not at all.
//
//   <models>/ID.model   a bundle, ID being the start of its hash
//   <models>/active     a link to the one that gates
//   <models>/previous   a link to the one before it, for a rollback
//   <models>/order      the ids, oldest first
//   <models>/openings   a line for each time a test part was opened: the hash of its data
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ml/bundle.h"

namespace aitrade::ml {

/// A bundle and the name of its file.
struct NamedBundle {
  std::string id;
  Bundle bundle;
};

/// Reads a model file wherever it is. Errors: not_found, corrupt, unsupported, io
Result<NamedBundle> read_bundle(const std::filesystem::path& path);

class ModelStore {
 public:
  explicit ModelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Stores a bundle and returns its id; beyond `kept_max` the oldest that is neither active nor previous goes.
  /// Errors: full, io
  Result<std::string> add(const Bundle& bundle) const;

  struct Entry {
    std::string id;
    bool is_active{false}, is_previous{false};
    std::optional<Bundle> bundle;   // nothing when it cannot be read
    std::string fault;              // why
  };

  /// All that are stored, oldest first.
  [[nodiscard]] std::vector<Entry> list() const;

  /// Reads one. Errors: not_found, corrupt, unsupported, io
  [[nodiscard]] Result<Bundle> load(const std::string& id) const;

  /// The id of the active one, if any.
  [[nodiscard]] std::optional<std::string> active() const { return link("active"); }

  [[nodiscard]] std::optional<std::string> previous() const { return link("previous"); }

  /// Makes one active. Errors: those of load(), full, io
  Status activate(const std::string& id) const;

  /// Makes the previous one active again. Errors: not_found when there is none; those of activate()
  Result<std::string> roll_back() const;

  /// Takes the active link away: rules alone. Errors: io
  Status deactivate() const;

  /// Logs that the test part of these data is opened now, before it is, and returns how often it was before.
  /// Errors: full, io
  [[nodiscard]] Result<std::uint64_t> log_opening(const std::string& data_hash) const;

  static constexpr std::size_t kept_max = 5;

 private:
  [[nodiscard]] std::optional<std::string> link(const char* name) const;
  Status set_link(const char* name, const std::string& id) const;
  [[nodiscard]] std::vector<std::string> order() const;

  std::filesystem::path folder_;
};

}  // namespace aitrade::ml
