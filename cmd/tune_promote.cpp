#include "cmd/tune_promote.h"

#include <algorithm>
#include <optional>
#include <ostream>

#include "cmd/client.h"
#include "cmd/overlay_desk.h"
#include "cmd/overlay_log.h"
#include "cmd/tune_keys.h"
#include "cmd/tune_report.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

OverlayLog promotions(const Paths& paths) {
  return {ledgers_path(paths) / "promotions.log", paths.overlay_file(), "promotion", "study"};
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
  const OverlayLog log = promotions(paths);
  const std::vector<OverlayChange> done = log.standing();
  if (done.empty()) {
    return report_failure(context, fail(ErrorCode::not_found, "there is no promotion to roll back"), ExitCode::not_found);
  }
  const OverlayChange& last = done.back();
  if (!log.is_untouched(last) && !options.anyway) {
    return refuse(context, paths.overlay_file().string() + " was changed since the promotion of " + last.label);
  }
  if (!options.is_dry) AITRADE_TRY_STATUS(log.roll_back(last));
  say(options.is_dry ? "would be rolled back" : "rolled back: the promotion of " + last.label, {}, "", paths.overlay_file(),
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
  SettingsDesk desk = overlay_desk(paths, context);
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
  const OverlayLog log = promotions(paths);
  AITRADE_TRY_STATUS(log.begin(line_of_promotion(result, changes, log.overlay())));
  wish.dry_run = false;
  AITRADE_TRY(const SettingsDesk::Outcome outcome, desk.change(wish));
  if (!outcome.faults.empty()) return fail(ErrorCode::invalid, words_of(outcome.faults.front()));
  AITRADE_TRY_STATUS(log.done());
  say("promoted trial " + std::to_string(result.trials[*result.best].number), changes, result.verdict.text,
      paths.overlay_file(), context);
  return ExitCode::done;
}

}  // namespace aitrade::cli
