#include "cmd/json_documents.h"

#include <array>

namespace aitrade::cli {
namespace {

constexpr Field version_fields[] = {
    {"version", "text", "release"},
    {"build", "text", "revision the program was built from"},
    {"compiler", "text", "compiler and its version"},
    {"platform", "text", "system and processor"},
};

constexpr Field config_fields[] = {
    {"rows[].key", "text", "section.key"},
    {"rows[].value", "text?", "value as TOML, secrets masked; null when unset"},
    {"rows[].origin", "text?", "layer that won; with --origin"},
    {"rows[].reload", "text?", "hot, new_orders, warm_up or restart; with --origin"},
    {"rows[].note", "text?", "what holds while the key is unset; with --origin"},
};

constexpr Field config_check_fields[] = {
    {"ok", "boolean", "no error"},
    {"errors", "integer", "number of errors"},
    {"problems[].severity", "text", "error or warning"},
    {"problems[].source", "text", "file, environment variable or command line"},
    {"problems[].line", "integer", "from 1; 0 outside files"},
    {"problems[].column", "integer", "from 1; 0 outside files"},
    {"problems[].key", "text", "section.key; empty when a whole file is meant"},
    {"problems[].value", "text", "value as written, secrets masked"},
    {"problems[].what", "text", "what is wrong"},
    {"files[]", "text", "files that were read, lowest layer first"},
    {"config_hash", "text?", "SHA-256 of what can change a decision; null after an error"},
};

constexpr Field audit_causality_fields[] = {
    {"bars", "integer", "candles audited"},
    {"cuts", "integer", "cut points"},
    {"warm_up_bars", "integer", "candles before a cut"},
    {"leaks", "integer", "names that depend on the future"},
    {"decisions[].name", "text", "strategy and timeframe, or opinion"},
    {"decisions[].cuts", "integer", "decisions compared"},
    {"decisions[].signals", "integer", "of them with a direction"},
    {"decisions[].differs_when_absent", "integer", "changed by an absent future"},
    {"decisions[].differs_when_noise", "integer", "changed by a made-up future"},
    {"decisions[].first", "text?", "time of the first difference"},
    {"decisions[].warm_up_checks", "integer", "decisions repeated with four times the history"},
    {"decisions[].warm_up_differs", "integer", "of them with another direction or reason"},
};

constexpr Field parity_fields[] = {
    {"run", "text", "run id"},
    {"explained", "boolean", "no difference is left without a cause"},
    {"matched", "integer", "trades of both sides"},
    {"identical", "integer", "of them equal to the last unit"},
    {"only_run", "integer", "trades the backtest did not make"},
    {"only_backtest", "integer", "trades the run did not make"},
    {"net_run", "decimal", "net result of the run's closed trades"},
    {"net_backtest", "decimal", "of the backtest's"},
    {"causes.fees", "decimal", "difference in money by cause"},
    {"causes.slippage", "decimal", "likewise"},
    {"causes.latency", "decimal", "likewise"},
    {"causes.size", "decimal", "likewise"},
    {"causes.missed_data", "decimal", "likewise"},
    {"causes.operator", "decimal", "likewise"},
    {"causes.consequence", "decimal", "likewise"},
    {"causes.carried_in", "decimal", "likewise"},
    {"causes.still_open", "decimal", "likewise"},
    {"causes.unexplained", "decimal", "likewise"},
    {"lines[].pair", "text", "BASE/QUOTE"},
    {"lines[].opened_at", "text", "time of the entry"},
    {"lines[].run", "decimal", "net result in the run; 0 when it had no such trade"},
    {"lines[].backtest", "decimal", "likewise"},
    {"lines[].cause", "text", "what explains the difference"},
    {"lines[].why", "text", "reason of the other side, or exit reasons"},
};

constexpr Field why_not_fields[] = {
    {"rows[].level", "text",
     "all, decision (of a pair), opinion (of a pair and timeframe) or strategy (on a timeframe)"},
    {"rows[].pair", "text?", "BASE/QUOTE; null for all"},
    {"rows[].timeframe", "text", "of the bars that were judged"},
    {"rows[].strategy", "text?", "of the level strategy"},
    {"rows[].rule", "text", "the reason that decided; spoke where nothing was against it, entered where it traded"},
    {"rows[].count", "integer", "how often; within a group the most frequent first"},
    {"rows[].share", "number", "of its group, [0, 1]"},
    {"rows[].voted", "integer", "of them with at least one strategy's vote"},
};

constexpr Field close_all_fields[] = {
    {"status", "text", "flat or closing"},
    {"closed", "integer", "positions that were closed"},
    {"remaining", "integer", "positions that are still open"},
};

constexpr Field doctor_fields[] = {
    {"status", "text", "pass, warn or fail"},
    {"checks[].name", "text", "what was looked at"},
    {"checks[].status", "text", "ok, warn or fail"},
    {"checks[].detail", "text", "what was seen"},
    {"checks[].remedy", "text", "what to do; empty when all is well"},
};

constexpr Field kill_fields[] = {
    {"status", "text", "flat, not_flat or not_confirmed"},
    {"halted", "boolean", "always true: no later run enters until the halt is cleared"},
    {"had_daemon", "boolean", "a daemon ran"},
    {"by_signal", "boolean", "it did not end by itself"},
    {"remaining", "integer", "positions that are still open"},
};

constexpr Field control_fields[] = {
    {"status", "text", "paused, resumed, halted, flat, closing or adopted"},
    {"state", "text", "state of the engine; stopped when no daemon runs"},
    {"paused", "boolean", "whether entries wait"},
    {"closed", "integer?", "positions closed; of close_all"},
    {"remaining", "integer?", "positions still open; of close_all"},
    {"asset", "text?", "the currency; of adopt"},
    {"amount", "text?", "what was booked of it; of adopt"},
};

constexpr Field db_check_fields[] = {
    {"ok", "boolean", "every file is whole, and cash and holdings are what the fills imply"},
    {"files[].file", "text", "name of the file"},
    {"files[].ok", "boolean", "no problem"},
    {"files[].problems[]", "text", "what is wrong"},
    {"files[].orders", "integer?", "of the ledger"},
    {"files[].fills", "integer?", "of the ledger"},
    {"files[].trades", "integer?", "of the ledger"},
    {"files[].positions", "integer?", "of the ledger"},
};

constexpr Field db_migrate_fields[] = {
    {"files[].file", "text", "name of the file"},
    {"files[].from", "integer", "schema before"},
    {"files[].to", "integer", "schema now"},
    {"files[].backup", "text?", "copy of the file as it was; null when nothing changed"},
};

constexpr Field init_fields[] = {
    {"rows[].action", "text", "create, keep or replace"},
    {"rows[].mode", "text", "permissions, octal"},
    {"rows[].path", "text", "file or directory"},
};

constexpr Field import_fields[] = {
    {"pair", "text", "BASE/QUOTE"},
    {"tf", "text", "interval of the bars"},
    {"venue", "text", "where they came from"},
    {"rows", "integer", "bars read"},
    {"first", "text?", "open of the first bar"},
    {"last", "text?", "open of the last bar"},
    {"duplicates", "integer", "bars given twice"},
    {"gaps", "integer", "holes in the series"},
    {"missing", "integer", "bars in those holes"},
    {"longest_gap", "integer", "bars in the longest hole"},
    {"rejected", "integer", "rows refused"},
    {"rounded", "integer", "prices freed from the noise of a binary float"},
    {"inserted", "integer", "bars that are new in the store"},
    {"replaced", "integer", "bars that were another before"},
    {"unchanged", "integer", "bars that were there already"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"dry_run", "boolean", "nothing was stored"},
};

constexpr Field import_explain_fields[] = {
    {"explanation", "text", "what was understood of the file"},
};

constexpr Field candles_fields[] = {
    {"rows[].t", "text", "candle"},
    {"rows[].pair", "text", "BASE/QUOTE"},
    {"rows[].tf", "text", "interval of the bar"},
    {"rows[].time", "integer", "open, UNIX seconds UTC"},
    {"rows[].open", "decimal", "first price"},
    {"rows[].high", "decimal", "highest price"},
    {"rows[].low", "decimal", "lowest price"},
    {"rows[].close", "decimal", "last price"},
    {"rows[].volume", "any", "in base currency; a statistic"},
    {"rows[].trades", "integer?", "trades in the bar"},
};

constexpr Field data_check_fields[] = {
    {"rows", "integer", "bars"},
    {"gaps", "integer", "holes in the series"},
    {"missing", "integer", "bars in those holes"},
    {"longest_gap", "integer", "bars in the longest hole"},
    {"not_downloaded", "integer", "of the missing: outside of what was imported"},
    {"duplicates", "integer", "bars with the time of another, dropped at import"},
    {"outliers", "integer", "bars whose price jumps and comes back"},
    {"series[].pair", "text", "BASE/QUOTE"},
    {"series[].tf", "text", "interval"},
    {"series[].venue", "text", "where they came from"},
    {"series[].rows", "integer", "the same counts of one series"},
    {"series[].gaps", "integer", "holes"},
    {"series[].missing", "integer", "bars in those holes"},
    {"series[].outliers", "integer", "bars whose price jumps and comes back"},
};

constexpr Field data_rm_fields[] = {
    {"removed", "integer", "bars removed"},
};

constexpr Field replay_fields[] = {
    {"run", "text", "id of the run"},
    {"identical", "boolean", "every action is the same to the byte"},
    {"events", "integer", "events fed"},
    {"actions", "integer", "actions compared"},
    {"entries", "integer", "decisions that entered"},
    {"chain", "text", "checksum chain of the recording"},
    {"event", "integer?", "number of the event that differs"},
    {"recorded", "text?", "the action as recorded"},
    {"replayed", "text?", "the action as replayed"},
    {"damage", "text?", "where the recording is damaged"},
};

constexpr Field tune_shard_fields[] = {
    {"shard", "integer", "which, from 1"},
    {"of", "integer", "how many there are"},
    {"trials", "integer", "trials in its ledger"},
    {"resumed", "integer", "of them, those that were there"},
    {"ledger", "text", "trial ledger, for tune merge"},
};

constexpr Field tune_merge_fields[] = {
    {"trials", "integer", "trials in all ledgers"},
    {"missing", "integer", "numbers that none of them has"},
    {"ledger", "text", "the ledger that was made, for tune --resume"},
};

constexpr Field tune_promotion_fields[] = {
    {"what", "text", "promoted, would be, or rolled back"},
    {"changes[].key", "text", "key of the configuration"},
    {"changes[].before", "text", "its value in force"},
    {"changes[].after", "text", "its value from the next start on"},
    {"verdict", "text?", "how the search was judged"},
    {"overlay", "text", "file that has them"},
};

constexpr Field walkforward_fields[] = {
    {"strategy", "text", "whose parameters"},
    {"pair", "text", "BASE/QUOTE"},
    {"timeframe", "text", "interval of the bars"},
    {"method", "text", "grid, random or tpe"},
    {"seed", "integer", "of the searches"},
    {"bars", "integer", "bars as read, filled ones excluded"},
    {"first", "text", "open of the first bar"},
    {"last", "text", "close of the last bar"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"config_hash", "text", "SHA-256 of what can change a decision"},
    {"anchored", "boolean", "every train window begins at the first candle"},
    {"folds[].train_first", "text", "where its train window begins"},
    {"folds[].cut", "text", "where that ends and the test window begins"},
    {"folds[].test_last", "text", "where the test window ends"},
    {"folds[].trials", "integer", "parameter sets tried"},
    {"folds[].parameters", "any?", "the best by name; null when none had a score, so nothing was traded"},
    {"folds[].in_sample", "number", "return a year of the best where it was chosen"},
    {"folds[].out_of_sample", "number", "return a year after that"},
    {"folds[].trades", "integer", "opened in the test window"},
    {"folds[].total_return", "number", "of the test window, after costs"},
    {"folds[].buy_and_hold", "number", "return of the pair over the test window"},
    {"folds[].ledger", "text", "its trial ledger"},
    {"out_of_sample.days", "integer", "of all test windows together"},
    {"out_of_sample.trades", "integer", "opened in them"},
    {"out_of_sample.total_return", "number", "after costs"},
    {"out_of_sample.total_return_costs_x1_5", "number", "with costs half as high again"},
    {"out_of_sample.buy_and_hold", "number", "return of the pair"},
    {"out_of_sample.sharpe", "number?", "a year"},
    {"out_of_sample.deflated_sharpe", "number?", "probability that it is not luck, among the tests there were"},
    {"out_of_sample.min_trl_days", "number?", "days of record that this Sharpe ratio needs"},
    {"out_of_sample.efficiency", "number?", "return out of sample over return in sample"},
    {"out_of_sample.profitable_share", "number?", "of the folds"},
    {"earlier_tests", "integer", "walk-forward tests before over the same candles"},
    {"verdict.kind", "text", "no_edge or edge"},
    {"verdict.text", "text", "the same as a sentence"},
    {"verdict.reasons[]", "text", "against an edge"},
    {"timing.elapsed_ms", "number", "wall clock"},
    {"version", "text", "release"},
    {"command", "text", "as typed, secrets left out"},
};

constexpr Field train_due_fields[] = {
    {"due", "boolean", "false: what is due is trained instead"},
    {"why", "text", "as a sentence"},
    {"new_candidates", "integer", "since the last training"},
    {"psi", "number", "highest population stability index of a feature"},
    {"shifted", "text?", "that feature"},
    {"brier", "number?", "of the active model on what came since"},
};

constexpr Field why_fields[] = {
    {"episodes[].run", "text", "id of the run that decided"},
    {"episodes[].pair", "text", "BASE/QUOTE"},
    {"episodes[].decision", "object?", "votes, terms, levels, gate, risk and size; null when it is older than the recordings"},
    {"episodes[].candle", "object?", "the newest candle then"},
    {"episodes[].book", "object?", "best bid and ask then"},
    {"episodes[].lines[].when", "text", "event time"},
    {"episodes[].lines[].what", "text", "order, fill, move, cancel, venue, position or trade"},
    {"episodes[].lines[].words", "text", "what happened"},
};

constexpr Field run_fields[] = {
    {"run", "text", "id of the run, for replay"},
    {"ended", "text", "signal, end of tape or failure"},
    {"events", "integer", "events that the engine took"},
    {"decisions", "integer", "decisions made"},
    {"entries", "integer", "decisions that entered"},
    {"trades", "integer", "trades closed"},
    {"equity", "decimal", "cash and positions at market"},
    {"cash", "decimal", "cash"},
    {"currency", "text", "of the amounts"},
    {"state", "text", "directory of books and recording"},
};

constexpr Field series_fields[] = {
    {"rows[].pair", "text", "BASE/QUOTE"},
    {"rows[].tf", "text", "interval of the bars"},
    {"rows[].venue", "text", "where they came from"},
    {"rows[].rows", "integer", "bars"},
    {"rows[].first", "text", "open of the first bar"},
    {"rows[].last", "text", "open of the last bar"},
    {"rows[].sources", "integer", "imports"},
    {"rows[].bytes", "integer", "size in the store"},
};

constexpr Field sim_fields[] = {
    {"dialect", "text", "whose protocol is spoken"},
    {"port", "integer", "on 127.0.0.1"},
    {"rest_url", "text", "for exchange.kraken.rest_url"},
    {"ws_url", "text", "for exchange.kraken.ws_url"},
    {"speed", "number", "exchange seconds per second; 0 as fast as acknowledged"},
};

constexpr Field backtest_fields[] = {
    {"result_hash", "text", "SHA-256 of the result, timing excluded"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"config_hash", "text", "SHA-256 of what can change a decision"},
    {"seed", "integer", "of the random generator"},
    {"bars", "integer", "bars as read, filled ones excluded"},
    {"metrics", "object", "report metrics by name; undefined ones are null"},
    {"costs.fees", "decimal", "fees paid"},
    {"costs.slippage", "decimal", "money lost to slippage"},
    {"ambiguous_bars", "integer", "bars in which stop and target were both touched"},
    {"version", "text", "release"},
    {"command", "text", "as typed, secrets left out"},
    {"currency", "text", "of the amounts"},
    {"initial_equity", "decimal", "money at the start"},
    {"final_equity", "decimal", "money at the end"},
    {"decisions", "integer", "decisions made"},
    {"entries", "integer", "decisions that entered"},
    {"too_small", "integer", "trades too small to execute"},
    {"risk_of_ruin.state", "text", "insufficient_data, estimated or one_sided (only wins or only losses)"},
    {"risk_of_ruin.trades", "integer", "trades it rests on"},
    {"risk_of_ruin.trades_min", "integer", "trades it needs"},
    {"risk_of_ruin.probability", "number?", "of ever falling by risk.risk_of_ruin_drawdown at the present bet; null "
                                            "below trades_min"},
    {"coverage[]", "any", "what each pair and timeframe had: bars, gaps, filled"},
    {"verdict.kind", "text", "what the numbers allow to say"},
    {"verdict.text", "text", "the same as a sentence"},
    {"strategies", "text", "names, comma separated"},
    {"by", "object", "profit by pair, strategy, exit, hour and regime"},
    {"refused", "object", "why decisions did not trade, counted"},
    {"benchmarks.buy_and_hold", "any?", "holding the pairs in equal parts, same costs"},
    {"benchmarks.random_entry", "any?", "the same trades at random moments; --random-entry"},
    {"monte_carlo", "any?", "paths drawn from the daily returns; --monte-carlo"},
    {"sensitivity[]", "any", "the run with worse assumptions; empty without --sensitivity"},
    {"trades[]", "any?", "closed trades; with --trades"},
    {"equity[]", "any?", "equity at each UTC midnight; with --equity"},
    {"prices[]", "any?", "prices in buckets, for charts; with --equity"},
    {"curve[]", "any?", "time, equity, low, high in buckets; with --equity"},
    {"timing.elapsed_ms", "number", "wall clock; outside the hash"},
    {"timing.bars_per_second", "number", "speed; outside the hash"},
};

constexpr Field tune_fields[] = {
    {"trials", "integer", "parameter sets tried"},
    {"scored", "integer", "of them with a score"},
    {"best", "any?", "the trial with the best mean of its own and its neighbours' scores, with all metrics"},
    {"best_single", "any?", "the trial with the best score of its own"},
    {"verdict.kind", "text", "no_edge, in_sample_edge or confirmed_edge"},
    {"verdict.text", "text", "the same as a sentence"},
    {"verdict.reasons[]", "text", "against an edge"},
    {"verdict.in_sample", "boolean", "the candles that chose the best also measured it"},
    {"verdict.effective_trials", "integer", "how many different ideas the trials hold, earlier ones included"},
    {"verdict.earlier_searches", "integer", "other searches over the same candles"},
    {"verdict.earlier_trials", "integer", "their trials"},
    {"holdout", "any?", "first, last, opened, result of the part that the search did not see; null without --holdout"},
    {"verdict.deflated_sharpe", "number?", "probability that the best is not luck among so many"},
    {"verdict.expected_best_sharpe", "number?", "yearly Sharpe that luck alone would show"},
    {"verdict.overfitting_probability", "number?", "how often the winner of half the days ranks low on the others"},
    {"timing.elapsed_ms", "number", "wall clock"},
    {"timing.combo_bars_per_second", "number", "parameter sets times bars, a second"},
    {"timing.resumed", "integer", "trials that were in the ledger"},
    {"top[]", "any", "the best twenty"},
    {"parameters[].name", "text", "a parameter that was searched"},
    {"parameters[].low", "number", "lowest value"},
    {"parameters[].high", "number", "highest value"},
    {"parameters[].step", "number?", "as asked for"},
    {"strategy", "text", "whose parameters"},
    {"pair", "text", "BASE/QUOTE"},
    {"timeframe", "text", "interval of the bars"},
    {"method", "text", "grid, random or tpe"},
    {"objective", "text", "what a score is"},
    {"min_trades", "integer", "fewer trades have no score"},
    {"seed", "integer", "of the search"},
    {"bars", "integer", "bars as read, filled ones excluded"},
    {"first", "text", "open of the first bar"},
    {"last", "text", "close of the last bar"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"config_hash", "text", "SHA-256 of what can change a decision"},
    {"ledger", "text", "file with all trials"},
    {"version", "text", "release"},
    {"command", "text", "as typed, secrets left out"},
};

constexpr Field train_fields[] = {
    {"pairs[]", "text", "BASE/QUOTE"},
    {"bars", "integer", "candles that were read"},
    {"first", "text", "open of the first candle"},
    {"last", "text", "close of the last candle"},
    {"candidates.count", "integer", "opinions that qualified, with levels that could be traded"},
    {"candidates.labelled", "integer", "of them with an outcome"},
    {"candidates.unfinished", "integer", "of them still open when the candles end"},
    {"candidates.unique", "number", "of those with an outcome, overlapping ones counted in parts"},
    {"candidates.win_rate", "number", "share that earned something after costs"},
    {"candidates.break_even", "number", "mean probability at which they would earn nothing"},
    {"candidates.mean_r", "number", "mean net result in R of taking all"},
    {"candidates.cost", "number", "round trip, fraction of price"},
    {"parts[].name", "text", "train, validation or test"},
    {"parts[].rows", "integer", "candidates, purged ones excluded"},
    {"parts[].from", "text", "first decision"},
    {"parts[].to", "text", "last decision"},
    {"kind", "text", "logistic or xgboost: the kind that was chosen"},
    {"base_rate", "number", "share of wins before the test part"},
    {"validation[].kind", "text", "kind of model"},
    {"validation[].rows", "integer", "candidates of the folds"},
    {"validation[].log_loss", "number", "nats, out of fold"},
    {"validation[].base_log_loss", "number", "of the base rate"},
    {"validation[].auc", "number?", "area under the ROC curve"},
    {"validation[].fold_gains[]", "number", "log-loss better than the base rate, by fold"},
    {"paths.splits", "integer", "combinatorial purged splits"},
    {"paths.mean_auc", "number", "over them"},
    {"paths.lowest_auc", "number", "of them"},
    {"paths.highest_auc", "number", "of them"},
    {"test", "any?", "figures of the test part; null when it stayed closed"},
    {"verdict", "any?", "helps, text, reasons[]; null when the test part stayed closed"},
    {"model", "text?", "id of the stored model"},
    {"activated", "boolean", "it was activated, by --promote"},
    {"incumbent", "text?", "id of the active model that it was compared with"},
    {"margin", "number", "above break-even, in probability"},
    {"seed", "integer", "of bootstraps and permutations"},
    {"data_hash", "text", "SHA-256 of candidates, features and outcomes"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"config_hash", "text", "SHA-256 of what can change a decision"},
    {"timing.elapsed_ms", "number", "wall clock"},
    {"version", "text", "release"},
    {"command", "text", "as typed, secrets left out"},
};

constexpr Field models_fields[] = {
    {"rows[].id", "text", "start of the hash of its file"},
    {"rows[].active", "boolean", "it gates entries"},
    {"rows[].kind", "text?", "logistic or xgboost; null when the file cannot be used, like all below"},
    {"rows[].pairs", "text?", "it was trained on"},
    {"rows[].first", "text?", "first decision of its data"},
    {"rows[].last", "text?", "last one"},
    {"rows[].test_rows", "integer?", "candidates of the test part"},
    {"rows[].auc", "number?", "on the test part"},
    {"rows[].log_loss", "number?", "on the test part"},
    {"rows[].base_log_loss", "number?", "of the base rate there"},
    {"rows[].accepted", "integer?", "candidates of the test part that it lets pass"},
    {"rows[].accepted_r", "number?", "their mean net result in R"},
    {"rows[].helps", "boolean?", "the verdict"},
    {"rows[].fault", "text?", "why it cannot be used"},
};

constexpr Field model_change_fields[] = {
    {"active", "text?", "id of the model that gates from the next start on; null: none"},
    {"previous", "text?", "id of the one that a rollback makes active"},
};

constexpr Field comparison_fields[] = {
    {"same_result", "boolean", "the result hashes are equal"},
    {"warnings[]", "text", "why the two are not alike"},
    {"metrics", "object", "first, second and difference of each metric; undefined ones are null"},
};

constexpr Field reconcile_fields[] = {
    {"rows[].what", "text", "balance, order, fill or fee"},
    {"rows[].name", "text", "currency or id"},
    {"rows[].books", "text", "as the ledger has it"},
    {"rows[].exchange", "text", "as the exchange has it"},
    {"rows[].verdict", "text", "agrees, or what to think of it"},
    {"rows[].difference", "boolean", "whether it counts as one"},
};

constexpr Field status_fields[] = {
    {"mode", "text", "paper or live"},
    {"state", "text", "state of the engine"},
    {"paused", "boolean", "whether entries wait"},
    {"pause_reason", "text?", "why"},
    {"entries_held", "text?", "live: why the exchange gets no entries now, beside a pause; empty: it would"},
    {"order_latency_us", "any", "live: microseconds from the receipt of what caused an order to its last byte less the journal's flush (count, p50, p95, p99, p999); null before the first"},
    {"flush_latency_us", "any", "the same of the journal's durable writes"},
    {"loop_latency_us", "any", "the same from the arrival of an event at the engine to the end of its turn, less the flush"},
    {"equity", "decimal?", "cash and positions at market"},
    {"day_pnl", "decimal?", "change since UTC midnight"},
    {"positions[]", "any", "open positions"},
    {"pairs[]", "any", "pairs that are followed"},
    {"currency", "text", "of the amounts"},
    {"cash", "decimal", "cash"},
    {"exposure", "decimal", "positions at market"},
    {"drawdown", "number", "share below the highest equity"},
    {"trades_total", "integer", "trades closed"},
    {"uptime_s", "number", "seconds since the start"},
};

constexpr Field health_fields[] = {
    {"status", "text", "ok, degraded or down"},
    {"host", "text", "name of the machine, or --label"},
    {"uptime_s", "number", "seconds since the daemon started"},
    {"reasons[]", "text", "what is wrong, one word each"},
    {"checks[].name", "text", "what was looked at"},
    {"checks[].ok", "boolean", "whether it is well"},
    {"checks[].detail", "text", "what was found"},
};

constexpr Field error_fields[] = {
    {"error.code", "text", "kind of failure"},
    {"error.message", "text", "what was attempted and what was found"},
    {"error.hint", "text", "what to do"},
    {"error.retryable", "boolean", "whether trying again later may help"},
};

constexpr Field table_fields[] = {
    {"rows[]", "any", "one object for each row; the keys are the columns"},
};

constexpr Field vault_change_fields[] = {
    {"action", "text", "init, set, rm, rotate or export"},
    {"path", "text", "file of the vault"},
    {"generation", "integer", "counts the saves"},
    {"entries", "integer", "in the vault; of export: written"},
};

constexpr Field vault_check_fields[] = {
    {"ok", "boolean", "no error among the findings"},
    {"path", "text", "file of the vault"},
    {"cipher", "text", "aes-256-gcm"},
    {"kdf", "text", "scrypt"},
    {"kdf_memory_mib", "integer", "memory that one try of a passphrase takes"},
    {"generation", "integer", "counts the saves"},
    {"entries", "integer", "in the vault"},
    {"passphrase_from", "text", "source of the passphrase"},
    {"findings[].severity", "text", "error, warning or notice"},
    {"findings[].what", "text", "what is weak or missing"},
    {"missing[]", "text", "names that live trading with this configuration needs"},
};

constexpr Field vault_get_fields[] = {
    {"name", "text", "entry"},
    {"value", "text", "its value, masked on a terminal"},
    {"masked", "boolean", "whether it is"},
};

constexpr Field vault_import_env_fields[] = {
    {"rows[].name", "text", "name of the line"},
    {"rows[].action", "text", "new, replaced, unchanged or skipped"},
    {"rows[].reason", "text?", "why it was skipped"},
};

constexpr Field vault_list_fields[] = {
    {"rows[].name", "text", "entry"},
    {"rows[].updated", "text", "when its value was stored"},
    {"rows[].used", "boolean", "live trading with this configuration reads it"},
    {"rows[].for", "text?", "what reads a secret of that name"},
    {"rows[].note", "text", "for people"},
};

constexpr Field key_fields[] = {
    {"id", "text", "names the key in lists"},
    {"key", "text", "the key itself, this once"},
    {"scope", "text", "read, control or admin"},
    {"tenant", "text", "whose rows it sees"},
    {"label", "text", "what it is for"},
    {"expires", "text?", "time; null: never"},
};

constexpr Field key_revoked_fields[] = {
    {"id", "text", "the key"},
    {"state", "text", "revoked"},
};

constexpr Field keys_fields[] = {
    {"rows[].id", "text", "names the key"},
    {"rows[].label", "text?", "what it is for"},
    {"rows[].scope", "text", "read, control or admin"},
    {"rows[].tenant", "text", "whose rows it sees"},
    {"rows[].state", "text", "live, expired or revoked"},
    {"rows[].created", "text", "time"},
    {"rows[].expires", "text?", "time"},
    {"rows[].last_used", "text?", "time, to the hour"},
};

constexpr Field config_diff_fields[] = {
    {"rows[].key", "text", "section.key"},
    {"rows[].running", "text?", "value that the daemon goes by, as TOML; null when unset"},
    {"rows[].configured", "text?", "value that the files, environment and command line give"},
    {"rows[].origin", "text", "layer that won"},
    {"rows[].reload", "text", "hot, new_orders, warm_up or restart"},
};

constexpr Field reload_fields[] = {
    {"changed[].key", "text", "section.key that differed from what the daemon went by"},
    {"changed[].before", "text", "value as TOML"},
    {"changed[].after", "text", "value as TOML"},
    {"changed[].reload", "text", "hot, new_orders, warm_up or restart"},
    {"applied[]", "text", "keys in force now"},
    {"pending_restart[]", "text", "keys that wait for the next start"},
};

constexpr Field tenant_fields[] = {
    {"id", "text", "names the tenant"},
    {"name", "text", "as people call it"},
    {"status", "text", "active, trialing, past_due, canceled, incomplete or suspended"},
    {"plan", "text", "what it pays for"},
};

constexpr Field tenants_fields[] = {
    {"rows[].id", "text", "names the tenant"},
    {"rows[].name", "text", "as people call it"},
    {"rows[].status", "text", "active, trialing, past_due, canceled, incomplete or suspended"},
    {"rows[].plan", "text", "what it pays for"},
    {"rows[].created", "text?", "time; null for the owner of the engine"},
};

constexpr Field passwd_fields[] = {
    {"username", "text", "who logs in with it"},
};

constexpr Field schemas_fields[] = {
    {"rows[].name", "text", "for `aitrade schema NAME`"},
    {"rows[].printed_by", "text", "command"},
};

constexpr auto documents = std::to_array<Document>({
    {"audit_causality", "audit causality --json", audit_causality_fields},
    {"backtest", "backtest --json", backtest_fields},
    {"candles", "data cat --json and export candles --json", candles_fields},
    {"close_all", "close-all --json", close_all_fields},
    {"comparison", "report --compare --json", comparison_fields},
    {"config", "config show --json", config_fields},
    {"config_check", "config check --json", config_check_fields},
    {"config_diff", "config diff --json", config_diff_fields},
    {"control", "pause --json and resume --json", control_fields},
    {"data_check", "data check --json", data_check_fields},
    {"data_rm", "data rm --json", data_rm_fields},
    {"db_check", "db check --json", db_check_fields},
    {"db_migrate", "db migrate --json", db_migrate_fields},
    {"doctor", "doctor --json", doctor_fields},
    {"equity", "export equity --json", {}},
    {"error", "any command with --json that fails, on stderr", error_fields},
    {"fills", "export fills --json", {}},
    {"health", "health --json", health_fields},
    {"key", "key create --json and key rotate --json", key_fields},
    {"key_revoked", "key revoke --json", key_revoked_fields},
    {"keys", "key list --json", keys_fields},
    {"kill", "kill --json", kill_fields},
    {"import", "import --json", import_fields},
    {"import_explain", "import --explain --json", import_explain_fields},
    {"indicators", "indicators --json", table_fields},
    {"init", "init --json", init_fields},
    {"model_change", "train --activate|--rollback|--deactivate --json", model_change_fields},
    {"models", "train --list --json", models_fields},
    {"orders", "export orders --json", {}},
    {"parity", "parity --json", parity_fields},
    {"passwd", "passwd --json", passwd_fields},
    {"reconcile", "reconcile --json", reconcile_fields},
    {"reload", "reload --json", reload_fields},
    {"replay", "replay --json", replay_fields},
    {"why", "why --json", why_fields},
    {"tune_shard", "tune --shard --json", tune_shard_fields},
    {"tune_merge", "tune merge --json", tune_merge_fields},
    {"tune_promotion", "tune promote --json", tune_promotion_fields},
    {"report", "report --json", table_fields},
    {"run", "run --json, when it ends", run_fields},
    {"schemas", "schema --json", schemas_fields},
    {"series", "data ls --json", series_fields},
    {"signals", "export signals --json", {}},
    {"sim", "sim, when it listens", sim_fields},
    {"status", "status --json", status_fields},
    {"tenant", "tenant add --json and tenant status --json", tenant_fields},
    {"tenants", "tenant list --json", tenants_fields},
    {"thoughts", "export thoughts --json", {}},
    {"trades", "export trades --json", {}},
    {"train", "train --json", train_fields},
    {"train_due", "train --if-due --json, when nothing is due", train_due_fields},
    {"tune", "tune --json", tune_fields},
    {"vault_change", "vault init|set|rm|rotate|export --json", vault_change_fields},
    {"vault_check", "vault check --json", vault_check_fields},
    {"vault_get", "vault get --json", vault_get_fields},
    {"vault_import_env", "vault import-env --json", vault_import_env_fields},
    {"vault_list", "vault list --json", vault_list_fields},
    {"version", "version --json", version_fields},
    {"walkforward", "walkforward --json", walkforward_fields},
    {"why_not", "backtest --why-not --json", why_not_fields},
});

}  // namespace

std::span<const Document> json_documents() { return documents; }

}  // namespace aitrade::cli
