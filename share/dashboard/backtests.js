// Backtests from the page: start one, watch it, open its report, lay some beside each other.

import { aim, change, get, session } from "./api.js";
import { EquityChart, draw_returns } from "./chart.js";
import { run } from "./control.js";
import * as format from "./format.js";
import { show_failure } from "./lists.js";
import { by_id, keyed, list, make, rows, side, side_tone, text_of, write } from "./table.js";

const ask_every_ms = 1000;
const going = ["queued", "running"];

const state = { runs: [], chosen: new Set(), timer: 0, chart: null, pairs: "", turn: 0 };

const metrics = (r) => r.summary?.metrics ?? null;
const percent_of = (value) => (typeof value === "number" ? format.percent(value) : "–");
const sign_of = (value) => (typeof value === "number" ? Math.sign(value) : 0);

// ---- the list -----------------------------------------------------------------------------------------

const choose_column = {
  label: "Choose",
  write(cell, r) {
    let box = cell.firstChild;
    if (!box) {
      box = make("input");
      box.type = "checkbox";
      box.addEventListener("change", () => {
        if (box.checked) state.chosen.add(box.run);
        else state.chosen.delete(box.run);
        by_id("compare").disabled = state.chosen.size < 2;
      });
      cell.append(box);
    }
    box.run = r.run_id;
    box.checked = state.chosen.has(r.run_id);
    box.disabled = r.status !== "completed";
    box.setAttribute("aria-label", `compare ${r.pair} of ${format.moment(r.created_at)}`);
  },
};

const state_column = {
  label: "State",
  write(cell, r) {
    if (!cell.firstChild) {
      const bar = make("progress");
      bar.max = 1;
      cell.append(make("span"), bar);
    }
    const [text, bar] = cell.children;
    const is_going = going.includes(r.status);
    write(text, r.status === "failed" && r.error ? `failed: ${r.error}` : r.status === "running" ? format.percent(r.progress ?? 0, 0) : r.status);
    text.dataset.kind = { completed: "good", failed: "bad" }[r.status] ?? "muted";
    bar.hidden = !is_going;
    bar.value = r.progress ?? 0;
    bar.setAttribute("aria-label", `progress of ${r.pair}`);
  },
};

const open_column = {
  label: "Open",
  write(cell, r) {
    let button = cell.firstChild;
    if (!button) {
      button = make("button", "small plain");
      button.type = "button";
      button.addEventListener("click", () => (going.includes(button.run.status) ? cancel(button.run, button) : open([button.run.run_id])));
      cell.append(button);
    }
    button.run = r;
    const is_going = going.includes(r.status);
    write(button, is_going ? "Cancel" : "Open");
    button.hidden = is_going ? !session.may_control : r.status !== "completed";
    button.setAttribute("aria-label", `${is_going ? "cancel" : "open the report of"} ${r.pair} of ${format.moment(r.created_at)}`);
  },
};

function draw() {
  list("runs", state.runs, (r) => String(r.run_id), [
    choose_column,
    text_of("Started", (r) => format.moment(r.created_at), { hint: (r) => r.created_at ?? "" }),
    text_of("Pair", (r) => r.pair),
    text_of("Frame", (r) => r.timeframe ?? "–", { hint: (r) => `${r.bars ?? "?"} candles` }),
    state_column,
    text_of("Return", (r) => percent_of(metrics(r)?.total_return), { numeric: true, tone: (r) => sign_of(metrics(r)?.total_return) }),
    text_of("Drawdown", (r) => percent_of(metrics(r)?.max_drawdown), { numeric: true }),
    text_of("Trades", (r) => (metrics(r) ? String(metrics(r).trades) : "–"), { numeric: true }),
    open_column,
  ]);
}

async function ask() {
  clearTimeout(state.timer);
  try {
    const { body } = await get("/api/v1/backtest/runs?limit=25");
    state.runs = Array.isArray(body) ? body : body.runs ?? body.rows ?? [];
    show_failure("runs", null);
    draw();
  } catch (error) {
    show_failure("runs", error);
  }
  const is_shown = document.body.dataset.view === "backtests";
  if (is_shown && state.runs.some((r) => going.includes(r.status))) state.timer = setTimeout(ask, ask_every_ms);
}

async function cancel(one, button) {
  await run(button, () => change("DELETE", `/api/v1/backtest/runs/${one.run_id}`), () => {
    ask();
    return `The backtest of ${one.pair} is canceled`;
  });
}

async function start(event) {
  event.preventDefault();
  const form = new FormData(by_id("lab"));
  const body = { pair: form.get("pair"), timeframe: form.get("timeframe"), bars: Number(form.get("bars")) };
  write(by_id("lab-error"), "");
  await run(by_id("lab-run"), async () => {
    try {
      return await change("POST", "/api/v1/backtest/run", body);
    } catch (error) {
      write(by_id("lab-error"), error.message);
      throw error;
    }
  }, () => {
    ask();
    return `The backtest of ${body.pair} has started`;
  });
}

// ---- the report ---------------------------------------------------------------------------------------

const ratio = (value) => (typeof value === "number" ? value.toFixed(2) : "–");
const currency = (r) => r.summary?.currency ?? "USD";
const figures = [
  ["Return", (m) => percent_of(m.total_return), (m) => sign_of(m.total_return)],
  ["Buy and hold", (m) => percent_of(m.buy_and_hold_return)],
  ["Net profit", (m, r) => format.money(m.net_profit, currency(r), { delta: true }), (m) => format.sign(m.net_profit)],
  ["Fees", (m, r) => format.money(r.summary?.costs?.fees, currency(r))],
  ["Largest drawdown", (m) => percent_of(m.max_drawdown)],
  ["Trades", (m) => String(m.trades ?? "–")],
  ["Won", (m) => percent_of(m.win_rate)],
  ["Profit factor", (m) => ratio(m.profit_factor)],
  ["Sharpe", (m) => ratio(m.sharpe)],
  ["Time in the market", (m) => percent_of(m.exposure)],
];
const title_of = (r) => `${r.pair} ${r.timeframe}`;

/** Figures down, runs across. */
function draw_table(runs) {
  const head = make("tr");
  head.append(make("th", "", "Figure"));
  runs.forEach((r, i) => {
    const cell = make("th", "n", `${title_of(r)}, ${format.moment(r.created_at)}`);
    if (runs.length > 1) cell.dataset.line = String(i);
    head.append(cell);
  });
  by_id("outcome-head").replaceChildren(head);
  by_id("outcome-rows").replaceChildren();
  rows(by_id("outcome-rows"), figures, ([name]) => name, [
    text_of("Figure", ([name]) => name),
    ...runs.map((r) => text_of(title_of(r), ([, text]) => text(metrics(r) ?? {}, r), { numeric: true, tone: ([, , tone]) => tone?.(metrics(r) ?? {}) })),
  ]);
}

function draw_trades(result) {
  const trades = (result?.trades ?? []).slice(-200).reverse();
  by_id("outcome-trades-table").hidden = trades.length === 0;
  rows(by_id("outcome-trades"), trades, (t) => `${t.number} ${t.closed_at}`, [
    text_of("Closed", (t) => format.moment(t.closed_at), { hint: (t) => t.closed_at ?? "" }),
    text_of("Side", side, { tone: side_tone }),
    text_of("Strategy", (t) => format.words(t.strategy)),
    text_of("Entry", (t) => format.price(t.entry), { numeric: true }),
    text_of("Exit", (t) => format.price(t.exit), { numeric: true }),
    text_of("P&L", (t) => format.money(t.pnl, result.currency, { delta: true }), { numeric: true, tone: (t) => format.sign(t.pnl) }),
    text_of("R", (t) => format.signed(t.r), { numeric: true }),
    text_of("Closed by", (t) => format.reason(t.reason)),
  ]);
}

/** Equity over time of a result: its fine curve, else by day. */
function curve_of(result) {
  if (result.curve?.length > 1) return result.curve.map(([seconds, equity]) => ({ t: new Date(seconds * 1000).toISOString(), equity }));
  return (result.equity ?? []).map((p) => ({ t: p.time, equity: p.equity }));
}

async function open(ids) {
  const panel = by_id("outcome");
  panel.hidden = false;
  write(by_id("outcome-title"), ids.length > 1 ? "Side by side" : "Report");
  write(by_id("outcome-text"), "Asking…");
  try {
    const runs = await Promise.all(ids.map(async (id) => (await get(`/api/v1/backtest/runs/${encodeURIComponent(id)}`)).body));
    const results = await Promise.all(ids.map(async (id) => (await get(`/api/v1/backtest/results/${encodeURIComponent(id)}`)).body));
    const [first] = runs;
    const is_one = runs.length === 1;
    write(by_id("outcome-text"), is_one ? `${first.bars ?? "?"} candles, strategies ${first.summary?.strategies ?? "?"}: ${first.summary?.verdict?.text ?? ""}`
      : "Return since the start of each, over the share of its time.");
    const full = by_id("outcome-full");
    full.hidden = !(is_one && first.has_report && ["", "default"].includes(aim.tenant));   // an address names no tenant
    full.run = first.run_id;
    draw_table(runs);
    state.chart ??= new EquityChart(by_id("outcome-chart"), "No curve");
    by_id("outcome-report").dataset.many = String(!is_one);
    by_id("outcome-chart").hidden = !is_one;
    by_id("outcome-lines").hidden = is_one;
    if (is_one) state.chart.update(curve_of(results[0]), results[0].initial_equity, currency(first));
    else draw_returns(by_id("outcome-lines"), results.map((r) => curve_of(r).map((p) => Number(p.equity))));
    draw_trades(is_one ? results[0] : null);
  } catch (error) {
    write(by_id("outcome-text"), `It cannot be shown: ${error.message}`);
  }
  panel.scrollIntoView({ block: "nearest" });
}

// ---- all of it ----------------------------------------------------------------------------------------

/** `is_fresh` when the part comes up: then the runs are asked for. */
export function show_backtests(view, is_fresh = false) {
  const pairs = (view?.pairs ?? []).map((p) => p.pair);
  if (pairs.join() !== state.pairs) {
    state.pairs = pairs.join();
    keyed(by_id("lab-pair"), pairs, (pair) => pair, (pair) => make("option", "", pair), () => {});
  }
  by_id("lab-run").disabled = !session.may_control || by_id("lab-run").hasAttribute("aria-busy");
  by_id("lab-run").title = session.may_control ? "" : "Starting one needs a log-in.";
  if (is_fresh) ask();
  if (state.turn !== aim.turn) by_id("outcome").hidden = true;   // of another engine
  state.turn = aim.turn;
}

export function begin_backtests() {
  by_id("lab").addEventListener("submit", start);
  by_id("compare").addEventListener("click", () => open([...state.chosen]));
  by_id("outcome-full").addEventListener("click", (event) => {
    window.open(`/api/v1/backtest/reports/${encodeURIComponent(event.currentTarget.run)}`, "_blank", "noopener");
  });
  by_id("outcome-close").addEventListener("click", () => { by_id("outcome").hidden = true; });
}
