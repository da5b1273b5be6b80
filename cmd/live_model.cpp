#include "cmd/live_model.h"

#include "ml/model_store.h"

namespace aitrade::cli {

void ModelShelf::put(const ModelChoice& choice) {
  const std::lock_guard lock(mutex_);
  if (choice.bundle != nullptr) read_[choice.id] = choice.bundle;
}

ModelChoice ModelShelf::take(const std::string& word, bool is_shadow) {
  const std::lock_guard lock(mutex_);
  ModelChoice choice;
  choice.is_shadow = is_shadow;
  if (word == model_word(choice)) return choice;
  choice.is_unusable = true;
  if (word == model_word(choice)) return choice;
  auto found = read_.find(word);
  if (found == read_.end() && !folder_.empty()) {
    auto bundle = ml::ModelStore(folder_).load(word);
    if (bundle) {
      found = read_.emplace(word, std::make_shared<const ml::Bundle>(std::move(*bundle))).first;
    } else if (!fault_) {
      fault_ = std::move(bundle).error().within("a model that gated this run");
    }
  }
  if (found == read_.end()) return choice;
  choice.is_unusable = false;
  choice.id = word;
  choice.bundle = found->second;
  return choice;
}

std::optional<Error> ModelShelf::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

std::unique_ptr<ml::ModelSwitch> make_switch(const ModelChoice& first, const TradingRules& rules, ModelShelf& shelf) {
  // The rules that a gate reckons with do not change while an engine runs (core/trading/live_rules.cpp).
  ml::GateSettings reckons = gate_settings({}, rules);
  auto make = [reckons = std::move(reckons), &shelf](const std::string& word, bool is_shadow) {
    return make_gate(shelf.take(word, is_shadow), reckons);
  };
  return std::make_unique<ml::ModelSwitch>(make_gate(first, rules), std::move(make));
}

ml::ModelSwitch* LiveModel::open(const Config& config, const Paths& paths, const TradingRules& rules) {
  const std::lock_guard lock(mutex_);
  first_ = active_model(config, paths);
  word_ = model_word(first_);
  gate_ = make_switch(first_, rules, shelf_);
  return gate_.get();
}

Result<std::optional<ModelChoice>> LiveModel::refresh(const Config& config, const Paths& paths,
                                                      const std::string& actor, const Submit& submit) {
  const std::lock_guard lock(mutex_);
  ModelChoice now = active_model(config, paths);
  if (model_word(now) == word_) return std::optional<ModelChoice>();
  shelf_.put(now);
  Event event;
  event.body = ModelActivated{model_word(now), now.is_shadow, actor};
  const Status done = submit(std::move(event));
  // A command that is late is queued all the same.
  if (done || done.error().code == ErrorCode::timeout) word_ = model_word(now);
  AITRADE_TRY_STATUS(done);
  return std::optional<ModelChoice>(std::move(now));
}

}  // namespace aitrade::cli
