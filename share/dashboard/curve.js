// The equity curve of the live part: of this run as it grows, or of a longer stretch from the books.

import { get } from "./api.js";
import { EquityChart } from "./chart.js";
import { toast } from "./control.js";
import { by_id, choices } from "./table.js";

const day_ms = 86400000;
const ranges = [["run", "Run"], ["1", "1 d"], ["7", "7 d"], ["30", "30 d"], ["all", "All"]];
const again_after_ms = 15000;

const state = { chart: null, range: "run", points: [], asked_at: 0, trades: -1, view: null };

function draw() {
  const { view } = state;
  if (!view) return;
  const points = state.range === "run" ? view.equity_curve : [...state.points, { t: view.now, equity: view.equity }];
  state.chart.update(points, view.day_start_equity, view.currency);
}

/** The stretch from the books; asked again after a trade, and now and then. */
async function ask() {
  state.asked_at = Date.now();
  state.trades = state.view.trades_total;
  const query = new URLSearchParams({ limit: "500" });
  if (state.range !== "all") query.set("from", new Date(Date.parse(state.view.now) - Number(state.range) * day_ms).toISOString());
  try {
    state.points = (await get(`/api/v1/equity?${query}`)).body;
  } catch (error) {
    toast(`Equity: ${error.message}`, "bad");
    state.range = "run";
    show_choices();
  }
  draw();
}

function show_choices() {
  choices(by_id("ranges"), ranges.map(([value, text]) => ({ value, text })), (value) => value === state.range, (value) => {
    state.range = value;
    show_choices();
    if (value === "run" || !state.view) draw();
    else ask();
  });
}

export function show_curve(view) {
  state.view = view;
  if (state.range !== "run" && (view.trades_total !== state.trades || Date.now() - state.asked_at > again_after_ms)) ask();
  else draw();
}

/** Another engine is shown from here on. */
export function forget_curve() {
  Object.assign(state, { points: [], asked_at: 0, trades: -1, view: null });
  state.chart.update([], NaN, "");
}

export function begin_curve() {
  state.chart = new EquityChart(by_id("chart"));
  show_choices();
}
