#include "cmd/json_documents.h"

#include <array>

#include "cmd/json_fields_research.h"

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
    {"status", "text",
     "paused, resumed, halted, flat, closing, adopted, model_taken or unchanged; partial when an engine of several did not do it"},
    {"state", "text", "state of the engine; stopped when no daemon runs"},
    {"paused", "boolean", "whether entries wait"},
    {"closed", "integer?", "positions closed; of close_all"},
    {"remaining", "integer?", "positions still open; of close_all"},
    {"asset", "text?", "the currency; of adopt"},
    {"amount", "text?", "what was booked of it; of adopt"},
    {"model", "text?", "its id, - for none, unusable; of model_taken"},
    {"engines[]?.tenant", "text", "whose engine"},
    {"engines[]?.account", "text", "of which account"},
    {"engines[]?.state", "text", "its state after the command"},
    {"engines[]?.paused", "boolean", "whether its entries wait"},
    {"engines[]?.halted", "boolean", "whether it waits for a halt to be cleared"},
    {"engines[]?.closed", "integer", "positions that were closed by then"},
    {"engines[]?.remaining", "integer", "positions that are still open"},
    {"failed[]?.tenant", "text", "whose engine did not do it"},
    {"failed[]?.account", "text", "of which account"},
    {"failed[]?.code", "text", "why, as an error of the API says it"},
    {"failed[]?.remaining", "integer", "positions that it holds"},
};

constexpr Field engines_fields[] = {
    {"engines[].tenant_id", "text", "whose engine"},
    {"engines[].account_id", "text", "of which account"},
    {"engines[].exchange", "text", "where it trades"},
    {"engines[].run", "text", "id of its run"},
    {"engines[].mode", "text", "paper or live"},
    {"engines[].state", "text", "running, paused, halted, failed, ..."},
    {"engines[].paused", "boolean", "whether entries wait"},
    {"engines[].halted", "boolean", "whether a halt is to be cleared"},
    {"engines[].equity", "decimal", "cash and positions at market"},
    {"engines[].day_pnl", "decimal", "change since UTC midnight"},
    {"engines[].currency", "text", "of the amounts"},
    {"engines[].open_positions", "integer", "positions held"},
    {"engines[].trades_total", "integer", "trades closed since the start"},
    {"engines[].stale_pairs[]", "text", "pairs whose prices are old"},
    {"engines[].reason", "text?", "why it is paused, halted or failed, or gets no entries; null when there is nothing to say"},
    {"engines[].day_return", "number?", "day_pnl as a share of the equity at UTC midnight"},
    {"engines[].exposure", "decimal", "positions at market"},
    {"engines[].exposure_share", "number?", "exposure as a share of equity"},
    {"engines[].drawdown", "number", "share below the highest equity"},
    {"engines[].positions_protected", "integer", "positions with a stop over all of them at the exchange"},
    {"engines[].positions_exposed", "integer", "positions that the daemon alone watches, in part or whole"},
    {"engines[].positions_leaving", "integer", "positions with an exit on its way"},
    {"engines[].updated_at", "text?", "the time its figures are of, by its clock; null when it has none"},
    {"totals[].mode", "text", "of the engines added: paper or live"},
    {"totals[].currency", "text", "of the engines added"},
    {"totals[].engines", "integer", "engines added"},
    {"totals[].equity", "decimal?", "sum; null when it is too large"},
    {"totals[].day_pnl", "decimal?", "sum"},
    {"totals[].day_return", "number?", "its share of the equity at UTC midnight, all together"},
    {"totals[].exposure", "decimal?", "sum"},
    {"totals[].exposure_share", "number?", "its share of the equity, all together"},
    {"totals[].open_positions", "integer", "sum"},
    {"totals[].positions_protected", "integer", "sum"},
    {"totals[].positions_exposed", "integer", "sum"},
    {"totals[].positions_leaving", "integer", "sum"},
    {"totals[].trades_total", "integer", "sum"},
    {"count", "integer", "engines listed"},
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
    {"engines[]?.tenant", "text", "of several engines: whose"},
    {"engines[]?.account", "text", "of which account"},
    {"engines[]?.run", "text", "id of its run, for replay"},
    {"engines[]?.state", "text", "stopped or failed"},
    {"engines[]?.trades", "integer", "its trades"},
    {"engines[]?.equity", "decimal", "its equity"},
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
    {"entries_held", "text?", "why nothing is entered now, beside a pause: the exchange, or a tenant that may not trade; empty: it would"},
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
    {"model", "text?", "id of the model that gates from here on, - for none, unusable for one that cannot be read"},
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
    {"engines", "status --json of a daemon with several engines", engines_fields},
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
    {"tune_strategies", "tune strategies --json", tune_strategies_fields},
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
