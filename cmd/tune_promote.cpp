#include "cmd/tune_promote.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <unistd.h>

#include <rapidjson/document.h>

#include "cmd/client.h"
#include "cmd/strategy_keys.h"
#include "cmd/tune_keys.h"
#include "cmd/tune_report.h"
#include "core/api/settings.h"
#include "core/config/document.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

struct Changed {
  std::string key, before, after;
};

/// One promotion as the log has it.
struct Promotion {
  std::string study;
  std::optional<std::string> overlay;   // before; nothing: there was no file
  std::string digest;                   // of the overlay after it
};

std::optional<std::string> read_overlay(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

fs::path log_path(const Paths& paths) { return ledgers_path(paths) / "promotions.log"; }

Error failed(const fs::path& path, const char* what) {
  const int number = errno;
  return fail(number == ENOSPC || number == EROFS || number == EACCES ? ErrorCode::full : ErrorCode::io,
              path.string() + ": " + what + ": " + std::strerror(number));
}

/// Writes a whole file durably. `flags` say whether it is added to or made.
Status write_durably(const fs::path& path, const std::string& text, int flags) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  if (file < 0) return failed(path, "open");
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int number = errno;
  ::close(file);
  errno = number;
  if (!is_written) return failed(path, "write");
  return ok();
}

Status put_back(const fs::path& overlay, const std::optional<std::string>& text) {
  if (!text) {
    std::error_code error;
    fs::remove(overlay, error);
    if (error) return fail(ErrorCode::full, overlay.string() + ": " + error.message());
    return ok();
  }
  const fs::path fresh = overlay.string() + ".new";
  AITRADE_TRY_STATUS(write_durably(fresh, *text, O_TRUNC));
  if (std::rename(fresh.c_str(), overlay.c_str()) != 0) return failed(overlay, "rename");
  return ok();
}

/// The promotions that were not rolled back, oldest first.
std::vector<Promotion> promotions(const Paths& paths) {
  std::vector<Promotion> out;
  std::ifstream in(log_path(paths), std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    rapidjson::Document json;
    if (json.Parse(line.c_str()).HasParseError() || !json.IsObject() || !json.HasMember("t")) continue;
    const std::string kind = json["t"].GetString();
    if (kind == "promotion") {
      Promotion one;
      one.study = json["study"].GetString();
      if (json["overlay_before"].IsString()) one.overlay = json["overlay_before"].GetString();
      out.push_back(std::move(one));
    } else if (kind == "done" && !out.empty()) {
      out.back().digest = json["overlay_digest"].GetString();
    } else if (kind == "rollback" && !out.empty()) {
      out.pop_back();
    }
  }
  return out;
}

/// The layers as every command has them; the overlay is where changes go.
SettingsDesk make_desk(const Paths& paths, const Context& context) {
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

/// The key of an axis with its value.
SettingsDesk::Assignments assignments_of(const Study& study, const ml::Point& point) {
  SettingsDesk::Assignments out;
  for (std::size_t i = 0; i < point.size(); ++i) {
    const std::string& name = study.axes[i].name;
    out.emplace_back(is_rule_key(name) ? name : "strategies." + study.strategy + "." + name, shortest(point[i]));
  }
  return out;
}

std::string words_of(const SettingsDesk::Fault& fault) { return fault.path + ": " + fault.message; }

/// What a dry run of the desk says would change.
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

std::string line_of_promotion(const TuneResult& r, const std::vector<Changed>& changes,
                              const std::optional<std::string>& before) {
  JsonWriter json;
  json.begin_object().field("t", "promotion").field("at", to_string(wall_now()));
  json.field("strategy", r.study.strategy).field("pair", r.study.pair).field("timeframe", r.study.timeframe);
  json.field("study", r.study.id()).field("ledger", r.ledger).field("trial", r.trials[*r.best].number);
  json.field("first", to_string(r.study.first)).field("last", to_string(r.study.last));
  json.field("data_fingerprint", r.study.data_fingerprint).field("config_hash", r.study.config_hash);
  json.field("has_edge", r.verdict.has_edge).field("verdict", r.verdict.text);
  json.key("changes").begin_array();
  for (const Changed& c : changes) {
    json.begin_object().field("key", c.key).field("before", c.before).field("after", c.after).end_object();
  }
  json.end_array().key("overlay_before");
  before ? json.string(*before) : json.null();
  return json.end_object().take() + '\n';
}

std::string line_done(const std::optional<std::string>& overlay) {
  JsonWriter json;
  json.begin_object().field("t", "done").field("overlay_digest", sha256_hex(overlay.value_or(""))).end_object();
  return json.take() + '\n';
}

/// What happened, for people and for programs.
void say(const std::string& what, const std::vector<Changed>& changes, const std::string& verdict, const fs::path& overlay,
         Context& context) {
  if (resolve_format(context, Format::json) == Format::table) {
    for (const Changed& c : changes) context.out << c.key << ": " << c.before << " -> " << c.after << '\n';
    if (changes.empty() && !verdict.empty()) context.out << "nothing differs from what is configured\n";
    context.out << what << " in " << overlay.string() << "; it holds from the next start\n";
    return;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.tune_promotion/1").field("what", what).key("changes").begin_array();
  for (const Changed& c : changes) {
    json.begin_object().field("key", c.key).field("before", c.before).field("after", c.after).end_object();
  }
  json.end_array().key("verdict");
  verdict.empty() ? json.null() : json.string(verdict);
  json.field("overlay", overlay.string()).end_object();
  context.out << json.take() << '\n';
}

ExitCode refuse(Context& context, const std::string& why) {
  context.err << "aitrade: " << why << "\nnothing was changed; --anyway does it all the same\n";
  return ExitCode::negative;
}

Result<ExitCode> roll_back(const PromoteOptions& options, const Paths& paths, Context& context) {
  const std::vector<Promotion> done = promotions(paths);
  if (done.empty()) {
    return report_failure(context, fail(ErrorCode::not_found, "there is no promotion to roll back"), ExitCode::not_found);
  }
  const Promotion& last = done.back();
  const auto now = read_overlay(paths.overlay_file());
  const bool is_untouched = sha256_hex(now.value_or("")) == last.digest || now == last.overlay;
  if (!is_untouched && !options.anyway) {
    return refuse(context, paths.overlay_file().string() + " was changed since the promotion of " + last.study);
  }
  if (!options.is_dry) {
    AITRADE_TRY_STATUS(put_back(paths.overlay_file(), last.overlay));
    JsonWriter json;
    json.begin_object().field("t", "rollback").field("at", to_string(wall_now())).field("study", last.study).end_object();
    AITRADE_TRY_STATUS(write_durably(log_path(paths), json.take() + '\n', O_APPEND));
  }
  say(options.is_dry ? "would be rolled back" : "rolled back: the promotion of " + last.study, {}, "", paths.overlay_file(),
      context);
  return ExitCode::done;
}

/// Ranks and judges a ledger without its candles.
Result<TuneResult> judged(const std::string& ledger, const SearchOptions& search, const Paths& paths) {
  AITRADE_TRY(StoredTrials stored, read_trials(ledger));
  TuneResult result;
  result.study = std::move(stored.study);
  result.trials = std::move(stored.trials);
  result.ledger = ledger;
  result.objective = search.objective_kind();
  result.trades_min = search.trades_min;
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    if (result.trials[i].number != i) {
      return fail(ErrorCode::invalid, ledger + ": trial " + std::to_string(i) + " is missing; finish the search first");
    }
  }
  rank(result);
  result.earlier = earlier_trials(ledgers_path(paths), result.study);
  result.verdict = judge(result);
  return result;
}

}  // namespace

Result<ExitCode> run_promote(const PromoteOptions& options, const std::vector<std::string>& ledgers,
                             const SearchOptions& search, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  if (options.rolls_back) return roll_back(options, paths, context);
  if (ledgers.size() != 1) return fail(ErrorCode::invalid, "tune promote takes one trial ledger");
  AITRADE_TRY(const TuneResult result, judged(ledgers.front(), search, paths));
  if (!result.best) return refuse(context, "nothing to promote: " + result.verdict.text);
  if (!result.verdict.has_edge && !options.anyway) return refuse(context, result.verdict.text);
  if (config_hash(*settings->config) != result.study.config_hash && !options.anyway) {
    return refuse(context, "the search was made under another configuration than the one in force");
  }
  SettingsDesk desk = make_desk(paths, context);
  SettingsDesk::Wish wish{assignments_of(result.study, result.trials[*result.best].point), true, context.global.yes,
                          "promotion"};
  AITRADE_TRY(const SettingsDesk::Outcome plan, desk.change(wish));
  if (!plan.faults.empty()) return fail(ErrorCode::invalid, words_of(plan.faults.front()));
  AITRADE_TRY(const std::vector<Changed> changes, changes_in(plan));
  if (options.is_dry) {
    say("would be promoted", changes, result.verdict.text, paths.overlay_file(), context);
    return ExitCode::done;
  }
  const bool touches_risk =
      std::any_of(changes.begin(), changes.end(), [](const Changed& c) { return c.key.starts_with("risk."); });
  if (settings->config->app.mode == Mode::live && touches_risk && !context.global.yes) {
    return fail(ErrorCode::invalid, "this changes the risk of real money: --yes confirms it");
  }
  // What stood there is on disk before anything of it changes.
  AITRADE_TRY(const fs::path folder, ledgers_folder(paths));
  const auto before = read_overlay(paths.overlay_file());
  AITRADE_TRY_STATUS(write_durably(log_path(paths), line_of_promotion(result, changes, before), O_APPEND));
  wish.dry_run = false;
  AITRADE_TRY(const SettingsDesk::Outcome outcome, desk.change(wish));
  if (!outcome.faults.empty()) return fail(ErrorCode::invalid, words_of(outcome.faults.front()));
  AITRADE_TRY_STATUS(write_durably(log_path(paths), line_done(read_overlay(paths.overlay_file())), O_APPEND));
  say("promoted trial " + std::to_string(result.trials[*result.best].number), changes, result.verdict.text,
      paths.overlay_file(), context);
  return ExitCode::done;
}

}  // namespace aitrade::cli
