// Models for an engine that may change its model while it runs.
//
// The engine does no I/O, so a model is read before the event that names it. A replay reads them where the recording
// names them, as nobody trades by it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cmd/model_choice.h"
#include "core/domain/event.h"
#include "ml/model_switch.h"

namespace aitrade::cli {

/// Models that have been read, by id. Any thread.
class ModelShelf {
 public:
  /// With a folder of models what is missing is read from there: for a replay.
  explicit ModelShelf(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}

  void put(const ModelChoice& choice);

  /// Returns a choice by its word (model_word()); one of no model where it cannot be had, and fault() says why.
  [[nodiscard]] ModelChoice take(const std::string& word, bool is_shadow);

  [[nodiscard]] std::optional<Error> fault() const;

 private:
  mutable std::mutex mutex_;
  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<const ml::Bundle>> read_;   // few: five are stored
  std::optional<Error> fault_;
};

/// Returns a gate that begins with `first` and takes others from the shelf, which must outlive it.
std::unique_ptr<ml::ModelSwitch> make_switch(const ModelChoice& first, const TradingRules& rules, ModelShelf& shelf);

/// The model of a daemon's engine.
class LiveModel {
 public:
  using Submit = std::function<Status(Event)>;

  /// Reads the active model and returns the gate for an engine of these rules; this must outlive it.
  ml::ModelSwitch* open(const Config& config, const Paths& paths, const TradingRules& rules);

  /// What gated at the start, and why if none did.
  [[nodiscard]] const ModelChoice& first() const { return first_; }

  /// Looks whether another model is active now, and if so lets the engine take it by an event. Returns what people
  /// should know of it; nothing when nothing has changed. Errors: those of `submit`
  Result<std::optional<ModelChoice>> refresh(const Config& config, const Paths& paths, const std::string& actor,
                                             const Submit& submit);

 private:
  std::mutex mutex_;   // a signal and a request may come at once
  ModelShelf shelf_;
  ModelChoice first_;
  std::string word_;   // of the model that gates
  std::unique_ptr<ml::ModelSwitch> gate_;
};

}  // namespace aitrade::cli
