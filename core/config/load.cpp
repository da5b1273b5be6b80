#include "core/config/load.h"

#include "core/config/layers.h"
#include "core/config/rules.h"

#include <algorithm>
#include <set>

namespace aitrade {

namespace {

/// Runs the value's own check over a text or over the texts of a list.
std::optional<std::string> check_texts(const Key& key, const ValueRef& value) {
  if (key.check == nullptr) return std::nullopt;
  if (auto* const* text = std::get_if<std::string*>(&value)) {
    const std::string fault = key.check(**text);
    return fault.empty() ? std::nullopt : std::optional(fault);
  }
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&value)) {
    for (const std::string& item : **list) {
      const std::string fault = key.check(item);
      if (!fault.empty()) return toml_text(item) + " " + fault;
    }
  }
  return std::nullopt;
}

Problem problem_at(const Assignment& a, std::string what) {
  return {Severity::error, a.value.place, a.key->name, a.key->secret ? "***" : a.value.shown(),
          std::move(what)};
}

/// Builds the configuration from what the layers hold.
class Assembler {
 public:
  Assembler(Layers& layers, const KeyTable& table) : layers_(layers), table_(table) {}

  LoadReport assemble() {
    report_.files = layers_.files();
    report_.problems = std::move(layers_.problems());
    config_ = scratch_ = table_.defaults();
    apply(false);
    for (auto& [name, venue] : config_.venues)
      venue = venue_defaults(config_.exchange, name);
    apply(true);
    rules();
    weights();
    std::stable_sort(report_.problems.begin(), report_.problems.end(), by_place);
    if (report_.errors() == 0) {
      report_.config = std::make_shared<const Config>(std::move(config_));
    }
    return std::move(report_);
  }

 private:
  /// Applies the assignments of the shared keys, or those of single venues, which come on top.
  void apply(bool venues) {
    std::vector<const Assignment*> order;
    for (const Assignment& a : layers_.assignments()) {
      const bool of_venue = a.key->name.starts_with("exchange.") && !a.key->in_venue &&
                            a.key->name != "exchange.name";
      if (of_venue == venues) order.push_back(&a);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->layer < b->layer; });
    for (const Assignment* a : order)
      apply(*a);
  }

  void apply(const Assignment& a) {
    const ValueRef value = a.key->in(scratch_);
    auto fault = assign(value, a.value, a.key->bounds);
    if (!fault) fault = check_texts(*a.key, value);
    if (fault) {
      refused_.insert(a.key->name);
      report_.problems.push_back(problem_at(a, *fault));
      return;
    }
    copy_value(value, a.key->in(config_));
    report_.origins[a.key->name] = Origin{a.layer, a.value.place};
  }

  void rules() {
    for (const RuleFault& fault : broken_rules(config_, table_, refused_)) {
      const Key* key = table_.find(fault.key);
      AITRADE_CHECK(key != nullptr);
      report_.problems.push_back({Severity::error, report_.origin_of(fault.key).place, fault.key,
                                  key->secret ? "***" : fault.key == "accounts" ? "" : render(key->in(config_)), fault.what});
    }
  }

  void weights() {
    const double sum = normalise_weights(config_);
    if (sum > 0 && (sum < 0.99 || sum > 1.01)) {
      Origin origin;
      for (const auto& [key, from] : report_.origins) {
        if (key.starts_with("strategies.") && key.ends_with(".weight")) origin = from;
      }
      if (origin.layer == Layer::defaults) return;  // the shipped weights; nobody wrote them here
      report_.problems.push_back({Severity::warning, origin.place, "strategies", "",
                                  "the weights of the enabled strategies sum to " + shortest(sum) +
                                      " and are scaled to 1"});
    }
  }

  static bool by_place(const Problem& a, const Problem& b) {
    if (a.place.source != b.place.source) return false;
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  }

  Layers& layers_;
  const KeyTable& table_;
  Config config_;
  Config scratch_;  // takes a value until its checks have passed
  LoadReport report_;
  std::set<std::string> refused_;
};

}  // namespace

std::string to_string(const Origin& origin) {
  switch (origin.layer) {
    case Layer::defaults:
      return "default";
    case Layer::environment:
    case Layer::command_line:
      return origin.place.source;
    default:
      return "file " + origin.place.source + ":" + std::to_string(origin.place.line);
  }
}

std::string to_string(const Problem& problem) {
  std::string out = to_string(problem.place);
  if (!problem.key.empty()) out += (out.empty() ? "" : " ") + problem.key;
  if (!problem.value.empty()) out += " = " + problem.value;
  return out + ": " + (problem.severity == Severity::warning ? "warning: " : "") + problem.what;
}

std::size_t LoadReport::errors() const {
  return static_cast<std::size_t>(
      std::count_if(problems.begin(), problems.end(),
                    [](const Problem& p) { return p.severity == Severity::error; }));
}

Origin LoadReport::origin_of(const std::string& key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{Layer::defaults, {"default", 0, 0}} : found->second;
}

LoadReport load_config(const LoadOptions& options, std::span<const StrategyKeys> catalog) {
  const KeyTable table(catalog);
  Layers layers(table);
  layers.add_file(options.paths.system_config, Layer::system_file, false);
  if (!options.paths.config_dir.empty()) {
    layers.add_file(options.paths.config_file(), Layer::user_file, false);
  }
  for (const auto& file : options.files)
    layers.add_file(file, Layer::named_file, true);
  if (!options.paths.config_dir.empty()) {
    layers.add_file(options.paths.overlay_file(), Layer::overlay, false);
  }
  layers.add_overrides(options.overrides);
  layers.add_environment(options.environment);
  return Assembler(layers, table).assemble();
}

LoadReport load_config_text(std::string_view text, const std::string& name,
                            std::span<const StrategyKeys> catalog) {
  const KeyTable table(catalog);
  Layers layers(table);
  layers.add_text(text, name, Layer::named_file);
  return Assembler(layers, table).assemble();
}

Error to_error(const LoadReport& report) {
  AITRADE_CHECK(report.errors() > 0);
  std::string text;
  for (const Problem& problem : report.problems)
    text += to_string(problem) + "\n";
  const std::size_t count = report.errors();
  text += std::to_string(count) + (count == 1 ? " error" : " errors") + " in the configuration";
  return Error{ErrorCode::invalid, std::move(text)};
}

}  // namespace aitrade
