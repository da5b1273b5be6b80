// The panels that the live view fills.

import { of_aim } from "./control.js";
import * as format from "./format.js";
import { by_id, facts, fill, keyed, list, make, mark, meter_of, opener_of, side, side_tone, text_of, write } from "./table.js";

/** Stop at the left end, target at the right, the last price between them. */
const range_column = {
  label: "Stop to target",
  write(cell, p) {
    if (!cell.firstChild) {
      const box = make("div", "range");
      for (const name of ["low", "track", "high"]) box.append(make("span", name));
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

/** A button that closes the position of its row. */
const close_column = (close) => ({
  label: "Close", numeric: true,
  write(cell, p) {
    let button = cell.firstChild;
    if (!button) {
      button = make("button", "small danger", "Close");
      button.type = "button";
      button.addEventListener("click", () => close(button.position, button));
      cell.classList.add("control");
      cell.append(button);
    }
    button.position = p;
    button.setAttribute("aria-label", `close ${p.pair}${of_aim()}`);
    if (!button.hasAttribute("aria-busy")) button.disabled = p.protection === "LEAVING";
  },
});

export function show_positions(view, close) {
  list("positions", view.positions, (p) => `${p.pair} ${p.opened_at}`, [
    text_of("Pair", (p) => p.pair, { hint: (p) => `${p.strategy}, since ${format.moment(p.opened_at)}` }),
    text_of("Side", side, { tone: side_tone }),
    text_of("Quantity", (p) => format.quantity(p.quantity), { numeric: true }),
    text_of("Entry", (p) => format.price(p.entry), { numeric: true }),
    text_of("Last", (p) => format.price(p.last), { numeric: true }),
    range_column,
    text_of("P&L", (p) => format.money(p.unrealized_pnl, view.currency, { delta: true }),
      { numeric: true, tone: (p) => format.sign(p.unrealized_pnl) }),
    text_of("Open", (p) => format.age((Date.parse(view.now) - Date.parse(p.opened_at)) / 1000),
      { numeric: true, hint: (p) => `since ${format.moment(p.opened_at)}, by ${format.words(p.strategy)}` }),
    text_of("Protection", (p) => (p.protected ? "● " : "○ ") + p.protection,
      { kind: (p) => (p.protected ? "good" : "warn"),
        hint: (p) => (p.protection === "LEAVING" ? "an exit is on its way"
          : p.protected ? "a stop over all of it rests at the venue"
          : `${format.quantity(p.bare)} without a stop at the venue: the daemon watches it`) }),
    close_column(close),
  ]);
}

export function show_strategies(view) {
  list("strategies", view.strategies ?? [], (s) => s.name, [
    text_of("Strategy", (s) => format.words(s.name)),
    meter_of("Weight", (s) => s.weight, (s) => format.percent(s.weight, 0), () => "share of all weights, as configured"),
    text_of("Skill", (s) => `× ${s.skill.toFixed(2)}`, { numeric: true }),
    text_of("Trades", (s) => String(s.trades), { numeric: true }),
    text_of("Won", (s) => format.percent(s.win_rate, 0), { numeric: true, hint: (s) => `${s.wins} won, ${s.losses} lost` }),
    text_of("P&L", (s) => (s.trades > 0 ? format.money(s.total_pnl, view.currency, { delta: true }) : "–"),
      { numeric: true, tone: (s) => format.sign(s.total_pnl) }),
    text_of("R", (s) => format.signed(s.mean_r), { numeric: true }),
  ]);
}

const gauge_names = {
  daily_loss: "Loss today", exposure: "Exposure", drawdown: "Drawdown", losses_in_a_row: "Losses in a row",
  positions: "Positions", risk_of_ruin: "Risk of ruin",
};

function gauge_text(gauge, view) {
  const show = (value) => (gauge.unit === "money" ? format.money(String(value.toFixed(2)), view.currency)
    : gauge.unit === "fraction" ? format.percent(value, 1) : String(value));
  if (gauge.name === "risk_of_ruin" && view.risk.ruin_state === "insufficient_data") return "not known before 50 trades";
  return gauge.limit === null ? `${show(gauge.value)}, no limit` : `${show(gauge.value)} of ${show(gauge.limit)}`;
}

export function show_risk(view) {
  const gauges = view.risk?.gauges ?? [];
  by_id("gauges-empty").hidden = gauges.length > 0;
  keyed(by_id("gauges"), gauges, (g) => g.name, () => {
    const item = document.createElement("li");
    const bar = make("span", "gauge");
    bar.append(document.createElement("i"));
    item.append(make("span", "name"), make("span", "value"), bar);
    return item;
  }, (item, gauge) => {
    const [name, value, bar] = item.children;
    const used = gauge.used ?? 0;
    write(name, gauge_names[gauge.name] ?? format.words(gauge.name));
    write(value, gauge_text(gauge, view));
    bar.firstChild.style.width = `${Math.min(1, used) * 100}%`;
    item.dataset.level = used >= 1 ? "over" : used >= 0.75 ? "near" : "calm";
    item.dataset.off = String(gauge.limit === null);
  });
}

const breakers = {
  consecutive_losses: ["Losses in a row", "monitoring.auto_pause_on_consecutive_losses", "monitoring.consecutive_losses_pause_threshold"],
  drawdown: ["Drawdown", "monitoring.auto_pause_on_drawdown", "monitoring.drawdown_pause_pct"],
  stale_data: ["Stale prices", "monitoring.auto_pause_on_stale_data", "monitoring.stale_after_seconds"],
  stream_loss: ["Stream lost", "monitoring.auto_pause_on_ws_disconnect", "monitoring.ws_disconnect_pause_after_seconds"],
  risk_of_ruin: ["Risk of ruin", "risk.risk_of_ruin_threshold", "risk.risk_of_ruin_threshold"],
};
const at_words = { consecutive_losses: (v) => `at ${v}`, drawdown: (v) => `at ${v} %`, stale_data: (v) => `after ${v} s`,
  stream_loss: (v) => `after ${v} s`, risk_of_ruin: (v) => `at ${format.percent(Number(v), 0)}` };

/** What stops entries on its own; `settings` are values by key, once they are known. */
export function show_breakers(view, settings) {
  const items = Object.entries(breakers).map(([name, [text, is_on, level]]) => {
    const told = view.risk?.breakers?.find((b) => b.name === name);
    const on = told ? told.state !== "off" : settings && !["false", "0"].includes(settings.get(is_on) ?? "false");
    const tripped = told?.state === "tripped" || view.pause_reason === `breaker ${name}`;
    const state = tripped ? "tripped" : on ? "armed" : settings || told ? "off" : "–";
    return { name, text, state, detail: on && settings ? at_words[name](settings.get(level)) : "" };
  });
  keyed(by_id("breakers"), items, (b) => b.name, () => {
    const item = make("li");
    item.append(make("span", "name"), make("span", "value"));
    return item;
  }, (item, b) => {
    item.dataset.state = b.state;
    write(item.firstChild, b.text);
    write(item.lastChild, `${{ tripped: "▲ tripped", armed: "● armed", off: "○ off" }[b.state] ?? b.state} ${b.detail}`.trim());
  });
}

export function show_execution(view) {
  const e = view.execution;
  if (!e) return;
  const ms = (value) => (value === null ? "–" : value < 0.1 ? "under 0.1 ms" : value < 10 ? `${value.toFixed(1)} ms` : value < 10000 ? `${Math.round(value)} ms` : `${Math.round(value / 1000)} s`);
  const rejects = e.rejects.map((r) => `${format.words(r.reason)} ${r.count}`).join(", ");
  facts(by_id("execution"), [
    ["Orders sent", e.orders_placed.toLocaleString("en-US")],
    ["Filled", e.orders_filled.toLocaleString("en-US")],
    ["Canceled", e.orders_cancelled.toLocaleString("en-US")],
    ["Refused", e.orders_rejected > 0 ? `${e.orders_rejected}: ${rejects}` : "0"],
    ["Executions", e.fills.toLocaleString("en-US")],
    ["Ran out", e.orders_expired.toLocaleString("en-US")],
    ["Filled, share", e.orders_placed > 0 ? format.percent(e.orders_filled / e.orders_placed, 0) : "–"],
    ["Fee a trade", e.avg_fee === null ? "–" : format.money(e.avg_fee.toFixed(4), view.currency)],
    ["Fees", format.money(e.total_fees, view.currency)],
    ["Slippage", format.money(e.total_slippage, view.currency)],
    ["Answer, median", ms(e.acknowledge_ms_p50)],
    ["Answer, 95 %", ms(e.acknowledge_ms_p95)],
  ]);
}

export function show_figures(shown) {
  // An engine that never got as far as a clock has no figures: nothing is not zero.
  const view = shown.now ? shown : { ...shown, equity: null, day_pnl: null, exposure: null, cash: null, drawdown: null };
  write(by_id("equity"), format.money(view.equity, view.currency));
  by_id("equity").dataset.negative = String(format.sign(view.equity) < 0);
  const day = by_id("day");
  const start = Number(view.day_start_equity);
  const ratio = start > 0 ? Number(view.day_pnl) / start : NaN;
  const percent = Number.isFinite(ratio) ? ` (${format.signed(ratio * 100)} %)` : "";
  write(day.firstElementChild, format.money(view.day_pnl, view.currency, { delta: true }) + percent);
  mark(day, format.sign(view.day_pnl));
  const open = view.positions.reduce((sum, p) => sum + Number(p.unrealized_pnl), 0);
  write(by_id("open-pnl"), format.money(open.toFixed(2), view.currency, { delta: true }));
  mark(by_id("open-pnl"), Math.round(open * 100));
  const wins = (view.strategies ?? []).reduce((sum, s) => sum + s.wins, 0);
  const losses = (view.strategies ?? []).reduce((sum, s) => sum + s.losses, 0);
  write(by_id("win-rate"), wins + losses > 0 ? format.percent(wins / (wins + losses), 0) : "–");
  write(by_id("drawdown"), format.percent(view.drawdown));
  write(by_id("exposure"), format.money(view.exposure, view.currency));
  write(by_id("cash"), format.money(view.cash, view.currency));
  write(by_id("trades-total"), view.trades_total.toLocaleString("en-US"));
}

export const trade_columns = (view, open) => [
  opener_of("Closed", (t) => format.when(t.closed_at, view.now), open,
    { name: (t) => `the ${t.pair} trade that closed ${format.when(t.closed_at, view.now)}` }),
  text_of("Pair", (t) => t.pair),
  text_of("Side", side, { tone: side_tone }),
  text_of("Strategy", (t) => format.words(t.strategy)),
  text_of("Quantity", (t) => format.quantity(t.quantity), { numeric: true }),
  text_of("Entry", (t) => format.price(t.entry), { numeric: true }),
  text_of("Exit", (t) => format.price(t.exit), { numeric: true }),
  text_of("P&L", (t) => format.money(t.pnl, view.currency, { delta: true }),
    { numeric: true, tone: (t) => format.sign(t.pnl), hint: (t) => `after fees of ${format.money(t.fees, view.currency)}` }),
  text_of("R", (t) => format.signed(t.r_multiple), { numeric: true }),
  text_of("Held", (t) => format.age((Date.parse(t.closed_at) - Date.parse(t.opened_at)) / 1000), { numeric: true }),
  text_of("Closed by", (t) => format.reason(t.reason)),
];

/** A button that tells why. */
const why_column = (tell) => ({
  label: "Why",
  write(cell, d) {
    let button = cell.firstChild;
    if (!button) {
      button = make("button", "small plain", "Why");
      button.type = "button";
      button.addEventListener("click", () => tell(button.decision));
      cell.append(button);
    }
    button.decision = d;
    button.setAttribute("aria-label", `why ${d.pair} at ${format.moment(d.at)}`);
  },
});

export function show_decisions(view, tell) {
  list("decisions", view.decisions, (d) => `${d.at} ${d.pair} ${d.strategy}`, [
    text_of("Time", (d) => format.when(d.at, view.now), { hint: (d) => d.at ?? "" }),
    text_of("Pair", (d) => d.pair, { hint: (d) => d.strategy }),
    text_of("View", side, { tone: side_tone }),
    meter_of("Confidence", (d) => d.confidence, (d) => `${Math.round((d.confidence ?? 0) * 100)}\u00a0%`,
      (d) => `${d.agreeing} agreeing, ${d.families} families`),
    text_of("Outcome", (d) => (d.entered ? "● entered" : format.reason(d.reason)),
      { kind: (d) => (d.entered ? "good" : "muted") }),
    why_column(tell),
  ]);
}

export { fill };
