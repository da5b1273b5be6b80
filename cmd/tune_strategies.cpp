#include "cmd/tune_strategies.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <ostream>
#include <set>

#include <rapidjson/document.h>

#include "cmd/client.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "cmd/overlay_desk.h"
#include "cmd/overlay_log.h"
#include "cmd/train_candidates.h"
#include "cmd/tune_keys.h"
#include "cmd/tune_search.h"
#include "core/report/number_text.h"
#include "core/store/queries.h"
#include "core/store/schema.h"
#include "ml/strategy_tuner.h"

namespace aitrade::cli {
namespace {

constexpr std::size_t trades_max = 500;   // the newest (trading-core.md 9.7)

OverlayLog changes_log(const Paths& paths) {
  return {ledgers_path(paths) / "strategies.log", paths.overlay_file(), "strategies", "at"};
}

std::string enabled_key(const std::string& name) { return "strategies." + name + ".enabled"; }

/// When this command disabled which strategy; those that it enabled again, and those of other hands, are not in it.
std::map<std::string, Time> disabled_since(const OverlayLog& log) {
  std::map<std::string, Time> out;
  for (const OverlayChange& change : log.standing()) {
    rapidjson::Document json;
    json.Parse(change.line.c_str());
    const auto at = parse_time(change.label);
    if (json.HasParseError() || !at) continue;
    for (const auto& one : json["verdicts"].GetArray()) {
      const std::string step = one["step"].GetString(), name = one["strategy"].GetString();
      if (step == "disable") out[name] = *at;
      if (step == "enable") out.erase(name);
    }
  }
  return out;
}

/// R multiples of the newest live trades by the strategy that led them, oldest first.
Result<std::map<std::string, std::vector<double>>> live_results(const Paths& paths) {
  AITRADE_TRY(Database ledger, open_settled_reader(paths.lock_file(), paths.trading_db(), Profile::ledger, wall_now()));
  std::vector<TradeRow> rows;
  for (Page page = newest(slice_rows_max); rows.size() < trades_max;) {
    AITRADE_TRY(const std::vector<TradeRow> some, trades(ledger, TenantId{"default"}, page));
    if (some.empty()) break;
    rows.insert(rows.end(), some.begin(), some.end());
    page.before = some.back().id;
  }
  rows.resize(std::min(rows.size(), trades_max));
  std::map<std::string, std::vector<double>> out;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->r_multiple) out[row->strategy].push_back(*row->r_multiple);
  }
  return out;
}

Result<std::vector<ml::StrategyRecord>> records_of(const Config& config, const Paths& paths, const OverlayLog& log) {
  AITRADE_TRY(auto live, live_results(paths));
  const std::map<std::string, Time> since = disabled_since(log);
  std::vector<ml::StrategyRecord> out;
  for (const auto& [name, strategy] : config.strategies) {
    if (strategy.enabled) {
      out.push_back({name, true, strategy.weight, live[name]});
      continue;
    }
    const auto disabled = since.find(name);
    if (disabled == since.end()) continue;   // somebody's wish
    AITRADE_TRY(const std::vector<TradeClosed> made, virtual_trades(config, paths.runs_dir(), name));
    ml::StrategyRecord record{name, false, 0, {}};
    for (const TradeClosed& trade : made) {
      if (trade.opened_at >= disabled->second && trade.r_multiple == trade.r_multiple) {
        record.r.push_back(trade.r_multiple);
      }
    }
    out.push_back(std::move(record));
  }
  return out;
}

SettingsDesk::Assignments assignments_of(const Config& config, const std::vector<ml::TunerVerdict>& verdicts) {
  SettingsDesk::Assignments out;
  for (const ml::TunerVerdict& v : verdicts) {
    if (v.step == ml::TunerStep::disable) out.emplace_back(enabled_key(v.name), "false");
    if (v.step == ml::TunerStep::enable) out.emplace_back(enabled_key(v.name), "true");
    if (v.step == ml::TunerStep::raise || v.step == ml::TunerStep::lower) {
      out.emplace_back("strategies." + v.name + ".weight", shortest(config.strategies.at(v.name).raw_weight * v.factor));
    }
  }
  return out;
}

void write_verdicts(JsonWriter& json, const std::vector<ml::TunerVerdict>& verdicts) {
  json.key("verdicts").begin_array();
  for (const ml::TunerVerdict& v : verdicts) {
    json.begin_object().field("strategy", v.name).field("step", to_string(v.step)).field("factor", v.factor);
    json.field("trades", static_cast<std::uint64_t>(v.trades)).field("mean_r", v.mean_r).field("others_r", v.others_r);
    json.field("p", v.p).field("needed", v.needed).end_object();
  }
  json.end_array();
}

void write_changes(JsonWriter& json, const std::vector<Changed>& changes) {
  json.key("changes").begin_array();
  for (const Changed& c : changes) {
    json.begin_object().field("key", c.key).field("before", c.before).field("after", c.after).end_object();
  }
  json.end_array();
}

std::string line_of(Time now, const std::vector<ml::TunerVerdict>& verdicts, const std::vector<Changed>& changes,
                    const std::optional<std::string>& before) {
  JsonWriter json;
  json.begin_object().field("t", "strategies").field("at", to_string(now));
  write_verdicts(json, verdicts);
  write_changes(json, changes);
  json.key("overlay_before");
  before ? json.string(*before) : json.null();
  return json.end_object().take() + '\n';
}

void say(const std::string& what, const std::vector<ml::TunerVerdict>& verdicts, const std::vector<Changed>& changes,
         Context& context) {
  if (resolve_format(context, Format::json) != Format::table) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.tune_strategies/1").field("what", what);
    write_verdicts(json, verdicts);
    write_changes(json, changes);
    context.out << json.end_object().take() << '\n';
    return;
  }
  for (const ml::TunerVerdict& v : verdicts) {
    context.out << v.name << ": " << v.trades << " trades, mean " << fixed_text(v.mean_r, 3) << " R, others "
                << fixed_text(v.others_r, 3) << " R, p " << fixed_text(v.p, 4) << " of " << fixed_text(v.needed, 4)
                << " needed: " << to_string(v.step) << '\n';
  }
  for (const Changed& c : changes) context.out << c.key << ": " << c.before << " -> " << c.after << '\n';
  context.out << what << '\n';
}

Result<ExitCode> roll_back(const PromoteOptions& options, const OverlayLog& log, Context& context) {
  const std::vector<OverlayChange> done = log.standing();
  if (done.empty()) {
    return report_failure(context, fail(ErrorCode::not_found, "there is no change to roll back"), ExitCode::not_found);
  }
  if (!log.is_untouched(done.back()) && !options.anyway) {
    context.err << "aitrade: the overlay was changed since " << done.back().label
                << "\nnothing was changed; --anyway does it all the same\n";
    return ExitCode::negative;
  }
  if (!options.is_dry) AITRADE_TRY_STATUS(log.roll_back(done.back()));
  say((options.is_dry ? "would be rolled back: the change of " : "rolled back: the change of ") + done.back().label, {}, {},
      context);
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> run_strategies(const PromoteOptions& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  const OverlayLog log = changes_log(paths);
  if (options.rolls_back) return roll_back(options, log, context);
  const auto records = records_of(*settings->config, paths, log);
  if (!records && records.error().code == ErrorCode::not_found) {
    return report_failure(context, records.error(), ExitCode::not_found);
  }
  if (!records) return records.error();
  const std::vector<ml::TunerVerdict> verdicts = ml::judge_strategies(*records, {});
  SettingsDesk desk = overlay_desk(paths, context);
  SettingsDesk::Wish wish{assignments_of(*settings->config, verdicts), true, context.global.yes, "strategy tuner"};
  if (wish.values.empty()) {
    say("nothing differs by more than luck: no weight changes", verdicts, {}, context);
    return ExitCode::negative;
  }
  AITRADE_TRY(const SettingsDesk::Outcome plan, desk.change(wish));
  if (!plan.faults.empty()) return fail(ErrorCode::invalid, words_of(plan.faults.front()));
  AITRADE_TRY(const std::vector<Changed> changes, changes_in(plan));
  if (!options.is_dry) {
    AITRADE_TRY(const std::filesystem::path folder, ledgers_folder(paths));
    AITRADE_TRY_STATUS(log.begin(line_of(wall_now(), verdicts, changes, log.overlay())));
    wish.dry_run = false;
    AITRADE_TRY(const SettingsDesk::Outcome outcome, desk.change(wish));
    if (!outcome.faults.empty()) return fail(ErrorCode::invalid, words_of(outcome.faults.front()));
    AITRADE_TRY_STATUS(log.done());
  }
  say(options.is_dry ? "would be changed; --dry-run changes nothing"
                     : "changed in " + paths.overlay_file().string() + "; it holds from the next start, --rollback puts it back",
      verdicts, changes, context);
  return ExitCode::done;
}

}  // namespace aitrade::cli
