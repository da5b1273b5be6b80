// Trades beyond what the live view holds: filters, older pages, the download; and the why of a decision.

import { aim, get } from "./api.js";
import { toast } from "./control.js";
import { download } from "./lists.js";
import * as format from "./format.js";
import { by_id, facts, list, make, meter_of, open_by_row, rows, side, side_tone, text_of, write } from "./table.js";
import { trade_columns } from "./panels.js";
import { tell_trade } from "./trade.js";

const memory = { older: [], cursor: null, is_filtered: false, view: null, is_asking: false };

function filters() {
  const query = new URLSearchParams();
  for (const name of ["pair", "strategy"]) {
    const value = by_id(`filter-${name}`).value;
    if (value) query.set(name, value);
  }
  const from = by_id("filter-from").value;
  if (from) query.set("from", from);
  return query;
}

/** The options of a select: what there is, each once. */
function offer(select, values) {
  const known = new Set([...select.options].map((o) => o.value));
  for (const value of values) {
    if (!value || known.has(value)) continue;
    const option = make("option", "", format.words(value));
    option.value = value;
    select.append(option);
    known.add(value);
  }
}

function draw() {
  const view = memory.view;
  if (!view) return;
  const live = memory.is_filtered ? [] : view.trades;
  const seen = new Set(live.map((t) => `${t.pair} ${t.closed_at}`));
  const all = [...live, ...memory.older.filter((t) => !seen.has(`${t.pair} ${t.closed_at}`))];
  list("trades", all, (t) => `${t.pair} ${t.closed_at} ${t.opened_at}`, trade_columns(view, (t) => tell_trade(t, view.currency)));
  write(by_id("trades-empty"), memory.is_filtered ? "No trade fits this filter" : "No trade has been closed yet");
  by_id("trades-more").hidden = memory.is_filtered || memory.older.length > 0 ? !memory.cursor : view.trades.length < 50;
}

/** Asks for the next page of what the filter says. */
async function fetch_page() {
  if (memory.is_asking) return;
  memory.is_asking = true;
  const { turn } = aim;
  by_id("trades-more").disabled = true;
  try {
    const query = filters();
    query.set("limit", "100");
    if (memory.cursor) query.set("before_id", memory.cursor);
    const { body, cursor } = await get(`/api/v1/trades?${query}`);
    if (turn !== aim.turn) return;   // of what was asked of another engine
    memory.older.push(...body);
    memory.cursor = cursor;
  } catch (error) {
    toast(`Trades: ${error.message}`, "bad");
  } finally {
    memory.is_asking = false;
    by_id("trades-more").disabled = false;
  }
  draw();
}

function on_filter() {
  memory.older = [];
  memory.cursor = null;
  memory.is_filtered = filters().size > 0;
  if (memory.is_filtered) fetch_page();
  draw();
}

/** The file of what the filter shows; the browser saves it. */
function download_trades() {
  const query = filters();
  query.set("limit", "100000");
  return download(`/api/v1/export/trades.csv?${query}`, "trades.csv", by_id("download"));
}

export function show_trades(view) {
  memory.view = view;
  offer(by_id("filter-pair"), view.pairs.map((p) => p.pair));
  offer(by_id("filter-strategy"), (view.strategies ?? []).map((s) => s.name));
  draw();
}

/** Another engine is shown from here on: its pairs and strategies may be others, so the filter is cleared. */
export function forget_trades() {
  by_id("trades-filter").reset();
  for (const name of ["pair", "strategy"]) by_id(`filter-${name}`).length = 1;
  Object.assign(memory, { older: [], cursor: null, is_filtered: false, view: null });
}

export function begin_history() {
  open_by_row(by_id("trades"));
  for (const name of ["pair", "strategy", "from"]) by_id(`filter-${name}`).addEventListener("change", on_filter);
  by_id("filter-clear").addEventListener("click", () => {
    by_id("trades-filter").reset();
    on_filter();
  });
  by_id("trades-filter").addEventListener("submit", (event) => event.preventDefault());
  by_id("trades-more").addEventListener("click", fetch_page);
  by_id("download").addEventListener("click", download_trades);
}

const terms = {
  regime: "Market regime", families: "Families that agree", book: "Order book", choppiness: "Choppy market",
  timeframes: "Longer timeframes", sure_fire: "Strong setup",
};

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** Opens the dialog that says how a decision came about. */
export async function tell_why(decision) {
  const dialog = by_id("why");
  write(by_id("why-title"), `${decision.pair}, ${format.moment(decision.at)}`);
  write(by_id("why-text"), "Asking…");
  rows(by_id("votes"), [], String, []);
  facts(by_id("why-terms"), []);
  dialog.showModal();
  try {
    const from = new Date(Date.parse(decision.at)).toISOString();
    const query = new URLSearchParams({ pair: decision.pair, from, limit: "20" });
    query.set("to", new Date(Date.parse(decision.at) + 60000).toISOString());
    let found;
    for (let i = 0; i < 4 && !found && dialog.open; ++i) {   // reasons are written down in batches
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      found = (await get(`/api/v1/decisions?${query}`)).body.at(-1);   // the oldest since the candle closed
    }
    if (!found) return write(by_id("why-text"), "Nothing more is known of it yet: reasons are written down within seconds.");
    const why = found.why;
    write(by_id("why-text"), `${side(why)} with ${Math.round(why.confidence * 100)} % confidence: ` +
      (found.entered ? "entered" : format.reason(why.reason)) +
      `. ${count(why.agreeing, "strategy agrees", "strategies agree")}, of ${count(why.families, "family", "families")}; ` +
      `the market: ${format.words(why.trend)}, volatility ${format.words(why.volatility)}.`);
    rows(by_id("votes"), why.votes, (v) => v.strategy, [
      text_of("Strategy", (v) => format.words(v.strategy)),
      text_of("View", side, { tone: side_tone }),
      meter_of("Confidence", (v) => v.confidence, (v) => `${Math.round((v.confidence ?? 0) * 100)}\u00a0%`),
      text_of("Weight", (v) => (v.weight ?? 0).toFixed(2), { numeric: true }),
      text_of("Adds", (v) => format.signed(v.log_odds), { numeric: true, tone: (v) => v.log_odds }),
    ]);
    facts(by_id("why-terms"), Object.entries(why.terms ?? {}).filter(([, value]) => value)
      .map(([name, value]) => [terms[name] ?? format.words(name), format.signed(value)])
      .concat([["Expected after costs", `${format.signed(why.expected_r)} R`]]));
  } catch (error) {
    write(by_id("why-text"), `That cannot be told: ${error.message}`);
  }
}
