// The panels that the live view fills.

import * as format from "./format.js";
import { by_id, facts, fill, keyed, list, make, mark, meter_of, side, side_tone, text_of, write } from "./table.js";

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
    button.setAttribute("aria-label", `close ${p.pair}`);
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
    text_of("Protection", (p) => (p.protected ? "● " : "○ ") + p.protection,
      { kind: (p) => (p.protected ? "good" : "warn"),
        hint: (p) => (p.protection === "LEAVING" ? "an exit is on its way"
          : p.protected ? "a stop over all of it rests at the venue"
          : `${format.quantity(p.bare)} without a stop at the venue: the daemon watches it`) }),
    close_column(close),
  ]);
}

function spread_bps(pair) {
  const bid = Number(pair.bid ?? NaN);
  const ask = Number(pair.ask ?? NaN);
  if (!(ask > bid) || !(bid > 0)) return "–";
  const bps = ((ask - bid) / ((ask + bid) / 2)) * 10000;
  return `${bps.toFixed(bps < 1 ? 2 : 1)} bps`;
}

export function show_pairs(view) {
  const age = (p) => (Date.parse(view.now) - Date.parse(p.candle_close ?? "")) / 1000;
  const feed = (p) => (p.stale || !view.feed_up ? "stale" : p.warm ? "live" : "warming up");
  const kind = (p) => ({ stale: "bad", live: "good" })[feed(p)] ?? "warn";
  list("pairs", view.pairs, (p) => p.pair, [
    text_of("Pair", (p) => p.pair),
    text_of("Last", (p) => format.price(p.last), { numeric: true }),
    text_of("Spread", spread_bps, { numeric: true }),
    text_of("Candle", (p) => format.age(age(p)),
      { numeric: true, hint: (p) => `closed ${format.moment(p.candle_close)}, this long ago` }),
    text_of("Feed", (p) => `● ${feed(p)}`, { kind }),
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

export function show_execution(view) {
  const e = view.execution;
  if (!e) return;
  const ms = (value) => (value === null ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
  const rejects = e.rejects.map((r) => `${format.words(r.reason)} ${r.count}`).join(", ");
  facts(by_id("execution"), [
    ["Orders sent", e.orders_placed.toLocaleString("en-US")],
    ["Filled", e.orders_filled.toLocaleString("en-US")],
    ["Canceled", e.orders_cancelled.toLocaleString("en-US")],
    ["Refused", e.orders_rejected > 0 ? `${e.orders_rejected}: ${rejects}` : "0"],
    ["Fees", format.money(e.total_fees, view.currency)],
    ["Slippage", format.money(e.total_slippage, view.currency)],
    ["Answer, median", ms(e.acknowledge_ms_p50)],
    ["Answer, 95 %", ms(e.acknowledge_ms_p95)],
  ]);
}

export function show_figures(view) {
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

export const trade_columns = (view) => [
  text_of("Closed", (t) => format.when(t.closed_at, view.now), { hint: (t) => t.closed_at ?? "" }),
  text_of("Pair", (t) => t.pair, { hint: (t) => t.strategy }),
  text_of("Side", side, { tone: side_tone }),
  text_of("Entry", (t) => format.price(t.entry), { numeric: true }),
  text_of("Exit", (t) => format.price(t.exit), { numeric: true }),
  text_of("P&L", (t) => format.money(t.pnl, view.currency, { delta: true }),
    { numeric: true, tone: (t) => format.sign(t.pnl), hint: (t) => `after fees of ${format.money(t.fees, view.currency)}` }),
  text_of("R", (t) => format.signed(t.r_multiple), { numeric: true }),
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
