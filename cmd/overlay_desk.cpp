#include "cmd/overlay_desk.h"

#include <rapidjson/document.h>

#include "cmd/strategy_keys.h"

namespace aitrade::cli {

SettingsDesk overlay_desk(const Paths& paths, const Context& context) {
  LoadOptions load;
  load.environment = process_environment();
  load.paths = paths;
  load.files.assign(context.global.config_files.begin(), context.global.config_files.end());
  load.overrides = context.global.overrides;
  const auto loader = [load](const std::vector<std::string>& more) {
    LoadOptions with = load;
    with.overrides.insert(with.overrides.end(), more.begin(), more.end());
    return load_config(with, strategy_keys());
  };
  return {loader, KeyTable(strategy_keys()), paths.overlay_file()};
}

std::string words_of(const SettingsDesk::Fault& fault) { return fault.path + ": " + fault.message; }

Result<std::vector<Changed>> changes_in(const SettingsDesk::Outcome& outcome) {
  rapidjson::Document json;
  json.Parse(outcome.json.c_str());
  AITRADE_CHECK(!json.HasParseError());
  std::vector<Changed> out;
  for (const auto& one : json["changed"].GetArray()) {
    out.push_back({one["key"].GetString(), one["before"].GetString(), one["after"].GetString()});
  }
  return out;
}

}  // namespace aitrade::cli
