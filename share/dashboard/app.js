// The page: asks /api/v1/view once a second and writes what changed. Data reaches the document only
// through textContent and attributes. Three troubles are told apart: the server does not answer, it
// answers but the engine stands still, and it wants a key.

import { EquityChart } from "./chart.js";
import * as format from "./format.js";

const poll_ms = 1000;
const hidden_poll_ms = 5000;
const stale_after_ms = 10000;
const waits_s = [2, 4, 8, 16, 30];

const by_id = (id) => document.getElementById(id);
const chart = new EquityChart(by_id("chart"));

const memory = { tag: "", view: null, changed_at: 0, failures: 0, retry_at: 0, denied: false };

// ---- writing --------------------------------------------------------------------------------------

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function mark(node, value) {
  const tone = value > 0 ? "up" : value < 0 ? "down" : "flat";
  if (node.dataset.tone !== tone) node.dataset.tone = tone;
}

/** A cell that shows text; `tone` colours it by sign, `hint` is its title. */
function fill(cell, { text, tone, hint, kind }) {
  write(cell, text);
  if (tone !== undefined) mark(cell, tone);
  if (hint !== undefined && cell.title !== hint) cell.title = hint;
  if (kind !== undefined && cell.dataset.kind !== kind) cell.dataset.kind = kind;
}

/** Updates a table body by key: rows keep their identity, so selection and focus survive. */
function rows(body, items, key_of, columns) {
  const old = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const fresh = items.map((item) => {
    const key = key_of(item);
    let row = old.get(key);
    if (!row) {
      row = document.createElement("tr");
      row.dataset.key = key;
      for (const column of columns) {
        const cell = document.createElement("td");
        cell.dataset.label = column.label;
        if (column.numeric) cell.className = "n";
        row.append(cell);
      }
    }
    old.delete(key);
    columns.forEach((column, i) => column.write(row.children[i], item));
    return row;
  });
  for (const row of old.values()) row.remove();
  fresh.forEach((row, i) => {
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
  });
}

function list(name, items, key_of, columns) {
  rows(by_id(name), items, key_of, columns);
  write(by_id(`${name}-count`), items.length > 0 ? String(items.length) : "");
  by_id(`${name}-empty`).hidden = items.length > 0;
}

const text_of = (label, text, more = {}) => ({
  label, numeric: more.numeric,
  write: (cell, item) => fill(cell, {
    text: text(item), tone: more.tone?.(item), hint: more.hint?.(item), kind: more.kind?.(item),
  }),
});

const side = (item) => ({ long: "▲ long", short: "▼ short" })[item.direction] ?? "flat";
const side_tone = (item) => ({ long: 1, short: -1 })[item.direction] ?? 0;

// ---- panels ---------------------------------------------------------------------------------------

/** Stop at the left end, target at the right, the last price between them. */
const range_column = {
  label: "Stop to target",
  write(cell, p) {
    if (!cell.firstChild) {
      const box = document.createElement("div");
      box.className = "range";
      for (const name of ["low", "track", "high"]) {
        const part = document.createElement("span");
        part.className = name;
        box.append(part);
      }
      box.children[1].append(document.createElement("i"));
      cell.append(box);
    }
    const [low, track, high] = cell.firstChild.children;
    write(low, format.price(p.stop));
    write(high, format.price(p.target));
    const stop = Number(p.stop ?? NaN);
    const target = Number(p.target ?? NaN);
    const at = (Number(p.last ?? p.entry) - stop) / (target - stop);
    const known = p.stop !== null && p.target !== null && Number.isFinite(at);
    track.firstChild.style.left = `${known ? Math.max(0, Math.min(1, at)) * 100 : 50}%`;
    track.dataset.known = String(known);
  },
};

function show_positions(view) {
  list("positions", view.positions, (p) => `${p.pair} ${p.opened_at}`, [
    text_of("Pair", (p) => p.pair, { hint: (p) => `${p.strategy}, since ${format.moment(p.opened_at)}` }),
    text_of("Side", side, { tone: side_tone }),
    text_of("Quantity", (p) => format.quantity(p.quantity), { numeric: true }),
    text_of("Entry", (p) => format.price(p.entry), { numeric: true }),
    text_of("Last", (p) => format.price(p.last), { numeric: true }),
    range_column,
    text_of("P&L", (p) => format.money(p.unrealized_pnl, view.currency, { delta: true }),
      { numeric: true, tone: (p) => format.sign(p.unrealized_pnl) }),
    text_of("Protection", (p) => (p.protected ? "● " : "○ ") + p.protection,
      { kind: (p) => (p.protected ? "good" : "warn"),
        hint: (p) => (p.protection === "LEAVING" ? "an exit is on its way"
          : p.protected ? "a stop over all of it rests at the venue"
          : `${format.quantity(p.bare)} without a stop at the venue: the daemon watches it`) }),
  ]);
}

function spread_bps(pair) {
  const bid = Number(pair.bid ?? NaN);
  const ask = Number(pair.ask ?? NaN);
  if (!(ask > bid) || !(bid > 0)) return "–";
  const bps = ((ask - bid) / ((ask + bid) / 2)) * 10000;
  return `${bps.toFixed(bps < 1 ? 2 : 1)} bps`;
}

function candle_age(view, pair) {
  return (Date.parse(view.now) - Date.parse(pair.candle_close ?? "")) / 1000;
}

function show_pairs(view) {
  const feed = (p) => (p.stale || !view.feed_up ? "stale" : p.warm ? "live" : "warming up");
  const kind = (p) => ({ stale: "bad", live: "good" })[feed(p)] ?? "warn";
  list("pairs", view.pairs, (p) => p.pair, [
    text_of("Pair", (p) => p.pair),
    text_of("Last", (p) => format.price(p.last), { numeric: true }),
    text_of("Spread", spread_bps, { numeric: true }),
    text_of("Candle", (p) => format.age(candle_age(view, p)),
      { numeric: true, hint: (p) => `closed ${format.moment(p.candle_close)}, this long ago` }),
    text_of("Feed", (p) => `● ${feed(p)}`, { kind }),
  ]);
}

function show_trades(view) {
  list("trades", view.trades, (t) => `${t.number} ${t.pair} ${t.closed_at}`, [
    text_of("Closed", (t) => format.when(t.closed_at, view.now), { hint: (t) => t.closed_at ?? "" }),
    text_of("Pair", (t) => t.pair, { hint: (t) => t.strategy }),
    text_of("Side", side, { tone: side_tone }),
    text_of("Entry", (t) => format.price(t.entry), { numeric: true }),
    text_of("Exit", (t) => format.price(t.exit), { numeric: true }),
    text_of("P&L", (t) => format.money(t.pnl, view.currency, { delta: true }),
      { numeric: true, tone: (t) => format.sign(t.pnl),
        hint: (t) => `after fees of ${format.money(t.fees, view.currency)}` }),
    text_of("R", (t) => format.signed(t.r_multiple), { numeric: true }),
    text_of("Closed by", (t) => format.reason(t.reason)),
  ]);
}

const confidence_column = {
  label: "Confidence",
  write(cell, d) {
    if (!cell.firstChild) {
      const meter = document.createElement("span");
      meter.className = "meter";
      meter.append(document.createElement("i"));
      cell.append(meter, document.createElement("span"));
    }
    const value = Math.max(0, Math.min(1, d.confidence ?? 0));
    cell.firstChild.firstChild.style.width = `${value * 100}%`;
    write(cell.lastChild, `${Math.round(value * 100)}\u00a0%`);
    cell.title = `${d.agreeing} agreeing, ${d.families} families`;
  },
};

function show_decisions(view) {
  list("decisions", view.decisions, (d) => `${d.at} ${d.pair} ${d.strategy}`, [
    text_of("Time", (d) => format.when(d.at, view.now), { hint: (d) => d.at ?? "" }),
    text_of("Pair", (d) => d.pair, { hint: (d) => d.strategy }),
    text_of("View", side, { tone: side_tone }),
    confidence_column,
    text_of("Outcome", (d) => (d.entered ? "● entered" : format.reason(d.reason)),
      { kind: (d) => (d.entered ? "good" : "muted") }),
  ]);
}

function show_figures(view) {
  write(by_id("equity"), format.money(view.equity, view.currency));
  by_id("equity").dataset.negative = String(format.sign(view.equity) < 0);
  const day = by_id("day");
  const start = Number(view.day_start_equity);
  const ratio = start > 0 ? Number(view.day_pnl) / start : NaN;
  const percent = Number.isFinite(ratio) ? ` (${format.signed(ratio * 100)} %)` : "";
  write(day.firstElementChild, format.money(view.day_pnl, view.currency, { delta: true }) + percent);
  mark(day, format.sign(view.day_pnl));
  write(by_id("drawdown"), format.percent(view.drawdown));
  write(by_id("exposure"), format.money(view.exposure, view.currency));
  write(by_id("cash"), format.money(view.cash, view.currency));
  write(by_id("trades-total"), view.trades_total.toLocaleString("en-US"));
}

function show(view) {
  write(by_id("mode"), view.mode);
  by_id("mode").dataset.mode = view.mode;
  const state = view.halted ? "halted" : view.paused ? "paused" : view.state;
  by_id("state").dataset.state = state;
  write(by_id("state").lastElementChild, format.words(state));
  by_id("state").title = view.pause_reason || "";
  show_figures(view);
  chart.update(view.equity_curve, view.day_start_equity, view.currency);
  show_positions(view);
  show_pairs(view);
  show_trades(view);
  show_decisions(view);
  write(by_id("build"), `aitrade ${view.version}  ·  ${view.build_id}`);
  write(by_id("run"), view.run ? `run ${view.run}` : "");
  document.title = `${format.money(view.equity, view.currency)} · aitrade`;
}

// ---- the link -------------------------------------------------------------------------------------

function link_state(now) {
  if (memory.denied) return ["denied", "key needed"];
  if (memory.failures > 0) {
    const wait = Math.max(0, Math.ceil((memory.retry_at - now) / 1000));
    return ["lost", wait > 0 ? `offline, again in ${wait} s` : "reconnecting"];
  }
  if (!memory.view) return ["loading", "connecting"];
  const still = now - memory.changed_at;
  if (still > stale_after_ms) return ["stale", `no change for ${format.age(still / 1000)}`];
  return ["live", "live"];
}

function notice_text(link) {
  const view = memory.view;
  if (link === "denied") return "Reading needs a key here. On the machine itself `aitrade status` shows the same; on paper, dashboard.require_api_key_for_reads = false opens this page to it.";
  if (link === "lost") return view ? "The daemon does not answer. What you see are the last known values." : "The daemon does not answer.";
  if (link === "stale") return "The daemon answers, but its engine has stopped moving.";
  const why = view?.pause_reason ? ` (${format.words(view.pause_reason)})` : "";
  if (view?.halted) return `Halted${why}: nothing new is opened until an operator clears it.`;
  if (view?.paused) return `Paused${why}: no new entries; exits keep working.`;
  if (view?.entries_held) return `The exchange gets no entries: ${view.entries_held}. Exits keep working.`;
  if (view && !view.ledger_ok) return "The ledger cannot be written: no order leaves.";
  if (view && !view.feed_up && view.state !== "warming" && view.state !== "initializing") return "The market data feed is down; entries wait for it.";
  return "";
}

function show_link() {
  const now = Date.now();
  const [link, text] = link_state(now);
  document.body.dataset.link = link;
  write(by_id("link").lastElementChild, text);
  const notice = notice_text(link);
  by_id("notice").hidden = notice === "";
  by_id("notice").dataset.kind = link === "lost" || link === "stale" || memory.view?.halted ? "bad" : "warn";
  write(by_id("notice"), notice);
  const view = memory.view;
  if (!view) return;
  write(by_id("uptime"), `up ${format.span((now - Date.parse(view.started_at)) / 1000)}`);
  write(by_id("clock"), `market ${format.clock(view.now)}`);
  by_id("clock").title = `the time that trading uses: ${view.now ?? "not known yet"}`;
}

async function ask() {
  const headers = memory.tag ? { "If-None-Match": memory.tag } : {};
  const reply = await fetch("/api/v1/view", { headers, cache: "no-store", signal: AbortSignal.timeout(4000) });
  memory.denied = reply.status === 401 || reply.status === 403;
  if (reply.status === 304 || memory.denied) return;
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  const view = await reply.json();
  memory.tag = reply.headers.get("ETag") ?? "";
  memory.view = view;
  memory.changed_at = Date.now();
  show(view);
}

async function turn() {
  let wait = document.hidden ? hidden_poll_ms : poll_ms;
  try {
    await ask();
    if (memory.failures > 0) memory.changed_at = Date.now();
    memory.failures = 0;
    if (memory.denied) wait = 10000;
  } catch {
    const longest = waits_s[Math.min(memory.failures, waits_s.length - 1)] * 1000;
    memory.failures += 1;
    wait = longest / 2 + Math.random() * (longest / 2);
    memory.retry_at = Date.now() + wait;
  }
  show_link();
  setTimeout(turn, wait);
}

setInterval(show_link, 1000);
turn();
