#include "core/api/settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/api/json.h"
#include "core/api/route.h"
#include "core/config/document.h"
#include "core/config/snapshot.h"
#include "core/store/digest.h"

#include <rapidjson/document.h>

namespace aitrade {
namespace {

std::string_view word_of(Reload reload) {
  switch (reload) {
    case Reload::hot: return "hot";
    case Reload::new_orders: return "new_orders";
    case Reload::warm_up: return "warm_up";
    case Reload::restart: return "restart";
  }
  return "";
}

bool is_shadowed(const LoadReport& report, const std::string& key) {
  const Layer layer = report.origin_of(key).layer;
  return layer == Layer::environment || layer == Layer::command_line;
}

void write_names(Json& json, std::string_view name, const std::vector<std::string>& values) {
  json.key(name);
  json.begin_list();
  for (const std::string& value : values) json.text(value);
  json.end_list();
}

/// Puts text in place of a file whole or not at all, readable by its owner.
Status replace_file(const std::filesystem::path& path, const std::string& text) {
  const std::string fresh = path.string() + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  const auto failure = [&] { return fail(ErrorCode::full, path.string() + ": " + std::strerror(errno)); };
  if (file < 0) return failure();
  const bool is_written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())
      && ::fsync(file) == 0;
  ::close(file);
  if (is_written && std::rename(fresh.c_str(), path.c_str()) == 0) return ok();
  const Error error = failure();
  ::unlink(fresh.c_str());
  return error;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The words of a JSON value as `--set` takes them; nothing for what no setting is.
std::optional<std::string> words_of(const rapidjson::Value& value) {
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());   // numbers too: as written
  if (!value.IsArray()) return std::nullopt;
  std::string words;
  for (const rapidjson::Value& item : value.GetArray()) {
    const auto word = item.IsArray() ? std::nullopt : words_of(item);
    if (!word || word->find(',') != std::string::npos) return std::nullopt;
    words += (words.empty() ? "" : ",") + *word;
  }
  return words;
}

/// Gathers the leaves of nested sections.
bool gather(const rapidjson::Value& object, const std::string& prefix, SettingsDesk::Assignments& out) {
  for (const auto& member : object.GetObject()) {
    const std::string name = prefix + std::string(member.name.GetString(), member.name.GetStringLength());
    if (member.value.IsObject()) {
      if (prefix.size() > 64 || !gather(member.value, name + ".", out)) return false;
      continue;
    }
    const auto words = words_of(member.value);
    const bool is_twice = std::any_of(out.begin(), out.end(), [&name](const auto& a) { return a.first == name; });
    if (!words || is_twice || words->find('\n') != std::string::npos) return false;
    out.emplace_back(name, *words);
  }
  return true;
}

}  // namespace

void SettingsDesk::run_with(const Config& running, std::set<std::string> live_keys, Apply apply) {
  const std::lock_guard lock(mutex_);
  running_ = running;
  live_keys_ = std::move(live_keys);
  apply_ = std::move(apply);
}

Result<std::string> SettingsDesk::list() {
  const std::lock_guard lock(mutex_);
  const LoadReport report = loader_({});
  if (report.config == nullptr) return fail(ErrorCode::invalid, "the configuration files have errors now");
  Config config = *report.config;
  Json json;
  json.begin();
  json.field("schema", "aitrade.settings/1");
  json.key("settings");
  json.begin_list();
  for (const EffectiveValue& value : effective_values(report, table_)) {
    const Key* key = table_.find(value.key);
    if (key == nullptr) continue;
    json.begin();
    json.field("key", value.key);
    json.maybe("value", value.value);
    json.field("kind", kind_name(key->in(config)));
    json.field("help", key->help);
    json.maybe("unit", key->unit);
    json.field("min", key->bounds.min);
    json.field("max", key->bounds.max);
    json.field("reload", word_of(value.reload));
    json.field("applies", is_live_key(value.key) ? "now" : "restart");
    const std::string running = running_ && !key->secret ? render(key->in(*running_)) : value.value;
    json.field("pending", running != render(key->in(config)) && !key->secret && running_.has_value());
    json.maybe("running", running);
    json.field("origin", value.origin);
    json.field("shadowed", is_shadowed(report, value.key));
    json.maybe("note", value.note);
    json.end();
  }
  json.end_list();
  json.end();
  return json.take();
}

/// Writes the new values at the top of the overlay, and lets nothing stand that does not load.
Status SettingsDesk::keep(const Assignments& values, const Config& config) {
  Config copy = config;
  const std::string before = read_file(overlay_);
  std::string top = "# written by the settings of the page; a line a key\n", rest;
  std::size_t at = 0;
  while (at < before.size()) {
    const auto end = std::min(before.find('\n', at), before.size());
    const std::string line = before.substr(at, end - at);
    at = end + 1;
    const bool is_replaced = std::any_of(values.begin(), values.end(), [&line](const auto& value) {
      return line.starts_with(value.first + " =");
    });
    if (!is_replaced && line + "\n" != top) rest += line + "\n";
  }
  for (const auto& [name, words] : values) top += name + " = " + render(table_.find(name)->in(copy)) + "\n";
  std::error_code ignored;
  std::filesystem::create_directories(overlay_.parent_path(), ignored);
  AITRADE_TRY_STATUS(replace_file(overlay_, top + rest));
  if (loader_({}).config != nullptr) return ok();
  AITRADE_TRY_STATUS(replace_file(overlay_, before));
  return fail(ErrorCode::rejected, "the overlay file says the same in another way");
}

/// Lets the daemon take over what it can; what it did holds from now on. Call with the mutex held.
std::vector<std::string> SettingsDesk::take_over(const Config& next, const std::vector<Change>& changes,
                                                 const std::string& actor) {
  if (!apply_ || !running_) return {};
  std::vector<Change> possible;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(possible),
               [this](const Change& one) { return is_live_key(one.key); });
  if (possible.empty()) return {};
  // Only these: the rest of the new configuration waits.
  Config source = next, wanted = *running_;
  for (const Change& one : possible) copy_value(table_.find(one.key)->in(source), table_.find(one.key)->in(wanted));
  std::vector<std::string> applied = apply_(wanted, possible, actor);
  for (const std::string& name : applied) {
    if (const Key* key = table_.find(name)) copy_value(key->in(source), key->in(*running_));
  }
  return applied;
}

/// Keys that hold another value than the one they have been given. Call with the mutex held.
std::vector<std::string> SettingsDesk::pending(const Config& next) {
  std::vector<std::string> names;
  if (!running_) return names;
  for (const Change& one : changes_between(*running_, next, table_)) names.push_back(one.key);
  return names;
}

namespace {

void write_changes(Json& json, const std::vector<Change>& changes) {
  json.key("changed");
  json.begin_list();
  for (const Change& one : changes) {
    json.begin();
    json.field("key", one.key);
    json.field("before", one.before);
    json.field("after", one.after);
    json.field("reload", word_of(one.reload));
    json.end();
  }
  json.end_list();
}

std::vector<std::string> names_of(const std::vector<Change>& changes) {
  std::vector<std::string> names;
  for (const Change& one : changes) names.push_back(one.key);
  return names;
}

std::vector<SettingsDesk::Fault> faults_of(const LoadReport& report) {
  std::vector<SettingsDesk::Fault> faults;
  for (const Problem& problem : report.problems) {
    if (problem.severity == Severity::error) faults.push_back({problem.key, problem.what});
  }
  return faults;
}

}  // namespace

Result<SettingsDesk::Outcome> SettingsDesk::change(const Wish& wish) {
  const std::lock_guard lock(mutex_);
  Outcome outcome;
  for (const auto& [name, words] : wish.values) {
    const Key* key = table_.find(name);
    if (key == nullptr || key->secret) outcome.faults.push_back({name, "there is no such setting"});
  }
  if (!outcome.faults.empty()) return outcome;
  const LoadReport now = loader_({});
  if (now.config == nullptr) return fail(ErrorCode::invalid, "the configuration files have errors now");
  std::vector<std::string> overrides;
  for (const auto& [name, words] : wish.values) overrides.push_back(name + "=" + words);
  const LoadReport next = loader_(overrides);
  outcome.faults = faults_of(next);
  if (next.config == nullptr) return outcome;
  std::vector<std::string> shadowed;
  for (const auto& [name, words] : wish.values) {
    if (is_shadowed(now, name)) shadowed.push_back(name);
  }
  const std::vector<Change> changes = changes_between(*now.config, *next.config, table_);
  const bool touches_risk = std::any_of(changes.begin(), changes.end(),
      [](const Change& c) { return c.key.starts_with("risk."); });
  if (now.config->app.mode == Mode::live && touches_risk && !wish.is_confirmed && !wish.dry_run) {
    outcome.needs_confirmation = true;
    return outcome;
  }
  outcome.is_changed = !wish.dry_run && !wish.values.empty();
  std::vector<std::string> applied;
  std::vector<std::string> waiting;
  if (outcome.is_changed) {
    AITRADE_TRY_STATUS(keep(wish.values, *next.config));
    // What the environment sets stays as it is there: the overlay lies below.
    const LoadReport kept = loader_({});
    if (kept.config == nullptr) return fail(ErrorCode::invalid, "the configuration files have errors now");
    applied = take_over(*kept.config, running_ ? changes_between(*running_, *kept.config, table_) : changes, wish.actor);
    waiting = running_ ? pending(*kept.config) : names_of(changes);
  } else {
    for (const Change& one : changes) {
      if (!is_live_key(one.key)) waiting.push_back(one.key);
    }
  }
  Json json;
  json.begin();
  json.field("schema", "aitrade.settings_change/1");
  json.field("dry_run", wish.dry_run);
  json.field("persisted", !wish.dry_run);
  write_changes(json, changes);
  write_names(json, "applied", applied);
  write_names(json, "pending_restart", waiting);
  write_names(json, "shadowed_by_env", shadowed);
  json.end();
  outcome.json = json.take();
  return outcome;
}

Result<SettingsDesk::Outcome> SettingsDesk::reload(const std::string& actor) {
  const std::lock_guard lock(mutex_);
  Outcome outcome;
  const LoadReport next = loader_({});
  outcome.faults = faults_of(next);
  if (next.config == nullptr) return outcome;
  const std::vector<Change> changes = running_ ? changes_between(*running_, *next.config, table_) : std::vector<Change>{};
  const std::vector<std::string> applied = take_over(*next.config, changes, actor);
  outcome.is_changed = !changes.empty();
  Json json;
  json.begin();
  json.field("schema", "aitrade.reload/1");
  write_changes(json, changes);
  write_names(json, "applied", applied);
  write_names(json, "pending_restart", pending(*next.config));
  json.end();
  outcome.json = json.take();
  return outcome;
}

// ---- routes -------------------------------------------------------------------------------------------

namespace {

/// A 400 that says of each value what is wrong with it.
Response bad_settings(const std::vector<SettingsDesk::Fault>& faults) {
  std::string text;
  for (const auto& [path, message] : faults) text += (text.empty() ? "" : "; ") + path + ": " + message;
  Json json;
  json.begin();
  json.key("error");
  json.begin();
  json.field("code", "bad_settings");
  json.field("message", text);
  json.field("id", to_hex(random_bytes(6)));
  json.end();
  json.key("errors");
  json.begin_list();
  for (const auto& [path, message] : faults) {
    json.begin();
    json.field("path", path);
    json.field("message", message);
    json.end();
  }
  json.end_list();
  json.end();
  return json_response(json.take(), 400);
}

/// The answer to a change or a reload.
Response outcome_response(const Call& call, const Result<SettingsDesk::Outcome>& outcome, std::string_view action,
                          std::string_view detail) {
  if (!outcome) {
    if (outcome.error().code == ErrorCode::full) {
      return error_response(503, "unavailable", "the overlay file cannot be written");
    }
    return error_response(409, "conflict", "the configuration files have errors, or say the same in another way");
  }
  if (outcome->needs_confirmation) {
    return error_response(400, "confirmation_needed", "risk of real money: send {\"confirm\":true} as well");
  }
  if (!outcome->faults.empty()) return bad_settings(outcome->faults);
  if (outcome->is_changed) audit(call, action, "", detail);
  return json_response(outcome->json);
}

}  // namespace

Response get_settings(const Call& call) {
  if (call.context.settings == nullptr) return not_found();
  auto list = call.context.settings->list();
  return list ? json_response(*std::move(list)) : error_response(409, "conflict", list.error().what);
}

Response patch_settings(const Call& call) {
  if (call.context.settings == nullptr) return not_found();
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag>(
      call.request.body.data(), call.request.body.size());
  if (json.HasParseError() || !json.IsObject()) return error_response(400, "bad_body",
      "the body must be a JSON object");
  SettingsDesk::Wish wish;
  for (const auto& [name, field] : {std::pair{"dry_run", &wish.dry_run}, std::pair{"confirm", &wish.is_confirmed}}) {
    const auto found = json.FindMember(name);
    if (found == json.MemberEnd()) continue;
    if (!found->value.IsBool()) return error_response(400, "bad_body", std::string(name) + " must be true or false");
    *field = found->value.GetBool();
    json.RemoveMember(found);
  }
  if (!gather(json, "", wish.values)) {
    return error_response(400, "bad_body", "settings are {\"section\":{\"key\":value}} with each key once");
  }
  wish.actor = call.who.actor();
  std::string names;
  for (const auto& [name, words] : wish.values) names += (names.empty() ? "" : " ") + name + "=" + words;
  return outcome_response(call, call.context.settings->change(wish), "settings_changed", names);
}

Response post_reload(const Call& call) {
  if (call.context.settings == nullptr) return not_found();
  const auto outcome = call.context.settings->reload(call.who.actor());
  Response response = outcome_response(call, outcome, "settings_reloaded", "");
  if (!outcome || !outcome->faults.empty() || !call.context.take_model) return response;
  const auto model = call.context.take_model(call.who.actor());   // the settings are in force whatever comes of this
  if (!model || model->empty()) return response;
  audit(call, "model_taken", "", *model);
  response.body.insert(response.body.size() - 1, R"(,"model":")" + *model + '"');
  return response;
}

}  // namespace aitrade
