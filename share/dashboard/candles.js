// The candle chart: candles, volume, indicators, entries and exits of closed trades, levels of open positions.
// Drawn by TradingView's Lightweight Charts; its logo is off, the page credits it in words.

import * as charts from "./lightweight-charts.js";
import { get } from "./api.js";
import * as format from "./format.js";
import { by_id, choices, write } from "./table.js";

const refresh_ms = 2000;
const frames = ["1m", "5m", "15m", "1h"];
const overlays = {
  ema20: { text: "EMA 20", ask: "ema:20", lines: { ema_20: "--line-a" } },
  ema50: { text: "EMA 50", ask: "ema:50", lines: { ema_50: "--line-b" } },
  bands: { text: "Bollinger", ask: "bollinger:20:2",
    lines: { bollinger_20_2_upper: "--line-c", bollinger_20_2_lower: "--line-c" } },
  rsi: { text: "RSI 14", ask: "rsi:14", lines: { rsi_14: "--line-b" }, pane: 1 },
};

const state = { pair: "", frame: "1m", on: new Set(["ema20"]), chart: null, series: {}, lines: {}, levels: [], markers: null, pairs: [],
  data: null, is_asking: false, shown: "" };

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options() {
  return {
    autoSize: true,
    layout: { background: { type: "solid", color: "transparent" }, textColor: colour("--soft"), attributionLogo: false,
      fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11,
      panes: { separatorColor: colour("--edge"), enableResize: false } },
    grid: { vertLines: { visible: false }, horzLines: { color: colour("--edge") } },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.2 } },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 4 },
    crosshair: { mode: 0 },
    handleScale: { axisPressedMouseMove: true, mouseWheel: false },
  };
}

function build() {
  state.chart?.remove();
  state.chart = charts.createChart(by_id("stage"), options());
  const up = colour("--up"), down = colour("--down");
  state.series.candles = state.chart.addSeries(charts.CandlestickSeries, {
    upColor: up, downColor: down, borderVisible: false, wickUpColor: up, wickDownColor: down,
    priceFormat: { type: "custom", minMove: 1e-8, formatter: (value) => format.price(String(value)) } });
  state.series.volume = state.chart.addSeries(charts.HistogramSeries, {
    priceScaleId: "volume", lastValueVisible: false, priceLineVisible: false });
  state.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  state.markers = charts.createSeriesMarkers(state.series.candles, []);
  state.lines = {};
  state.levels = [];
  state.chart.subscribeCrosshairMove((event) => show_legend(event));
}

function draw_lines(data) {
  const wanted = new Map();
  for (const name of state.on) {
    for (const [column, tone] of Object.entries(overlays[name].lines)) wanted.set(column, { tone, pane: overlays[name].pane ?? 0 });
  }
  for (const [column, series] of Object.entries(state.lines)) {
    if (wanted.has(column)) continue;
    state.chart.removeSeries(series);
    delete state.lines[column];
  }
  for (const [column, { tone, pane }] of wanted) {
    const values = data.indicators[column];
    if (!values) continue;
    state.lines[column] ??= state.chart.addSeries(charts.LineSeries, {
      color: colour(tone), lineWidth: 1.5,
      priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => (pane > 0 ? value.toFixed(0) : format.price(String(value))) },
      lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false }, pane);
    state.lines[column].setData(data.candles.map((c, i) => (values[i] === null ? { time: c.time } : { time: c.time, value: values[i] })));
  }
  const panes = state.chart.panes();
  if (panes.length > 1) panes[1].setHeight(90);
}

function draw_levels(data) {
  for (const line of state.levels) state.series.candles.removePriceLine(line);
  state.levels = [];
  const kinds = { entry: ["--soft", 2, "entry"], stop: ["--down", 1, "stop"], target: ["--up", 1, "target"] };
  for (const level of data.levels) {
    for (const [key, [tone, style, title]] of Object.entries(kinds)) {
      if (level[key] === null) continue;
      state.levels.push(state.series.candles.createPriceLine({
        price: Number(level[key]), color: colour(tone), lineWidth: 1, lineStyle: style, title, axisLabelVisible: true }));
    }
  }
}

function draw_markers(data) {
  const step = data.timeframe_s;
  const first = data.candles[0]?.time ?? 0;
  const shapes = {
    entry: (m) => ({ shape: m.direction === "short" ? "arrowDown" : "arrowUp", position: m.direction === "short" ? "aboveBar" : "belowBar", color: colour("--accent") }),
    exit: (m) => ({ shape: "circle", position: m.direction === "short" ? "belowBar" : "aboveBar", color: colour(Number(m.pnl) < 0 ? "--down" : "--up") }),
    stop: (m) => ({ shape: "square", position: m.direction === "short" ? "belowBar" : "aboveBar", color: colour(Number(m.pnl) < 0 ? "--down" : "--up") }),
  };
  const open = data.levels.map((l) => ({ time: l.opened, kind: "entry", direction: l.direction }));
  const all = [...data.markers, ...open]
    .map((m) => ({ time: Math.floor(m.time / step) * step, size: 0.8, ...shapes[m.kind](m) }))
    .filter((m) => m.time >= first)
    .sort((a, b) => a.time - b.time);
  state.markers.setMarkers(all);
}

/** What stands under the pointer, else the newest candle, with what was traded there. */
function show_legend(event) {
  const data = state.data;
  if (!data || data.candles.length === 0) return;
  const time = event?.time ?? data.candles.at(-1).time;
  const candle = data.candles.find((c) => c.time === time) ?? data.candles.at(-1);
  const shown = (text) => format.price(text);
  const trades = event?.time === undefined ? [] : data.markers.filter((m) => Math.floor(m.time / data.timeframe_s) * data.timeframe_s === candle.time);
  const told = trades.slice(0, 2).map((m) => (m.kind === "entry" ? `  ·  entry ${shown(m.price)}`
    : `  ·  ${format.reason(m.reason)} ${shown(m.price)}, ${format.money(m.pnl, state.currency, { delta: true })}`)).join("");
  write(by_id("chart-legend"), `${format.moment(new Date(candle.time * 1000).toISOString())}   O ${shown(candle.open)}  H ${shown(candle.high)}  L ${shown(candle.low)}  C ${shown(candle.close)}${told}`);
}

function draw(data) {
  by_id("stage-empty").hidden = data.candles.length > 0;
  if (!state.chart) build();
  const prices = data.candles.map((c) => ({ time: c.time, open: Number(c.open), high: Number(c.high), low: Number(c.low), close: Number(c.close) }));
  state.series.candles.setData(prices);
  state.series.volume.setData(data.candles.map((c, i) => ({ time: c.time, value: c.volume, color: colour(prices[i].close >= prices[i].open ? "--up-soft" : "--down-soft") })));
  draw_lines(data);
  draw_levels(data);
  draw_markers(data);
  const what = `${data.pair} ${data.timeframe_s}`;
  if (state.shown !== what) {
    state.shown = what;
    const count = prices.length;
    const room = Math.max(40, Math.floor(by_id("stage").clientWidth / 8));
    state.chart.timeScale().setVisibleLogicalRange({ from: count - room, to: count + 4 });
  }
  show_legend();
  tell(data);
}

/** The same in words, for who cannot see it. */
function tell(data) {
  const first = data.candles[0]?.time ?? 0;
  const shown = data.markers.filter((m) => m.time >= first);
  const entries = shown.filter((m) => m.kind === "entry").length;
  const open = data.levels.map((l) => `open ${l.direction} from ${format.price(l.entry)}, stop ${format.price(l.stop)}, target ${format.price(l.target)}`);
  write(by_id("stage-text"), `${data.pair}, ${data.candles.length} candles, closed trades: ${entries} entries and ${shown.length - entries} exits; ${open.join("; ") || "nothing open"}`);
}

async function refresh() {
  if (!state.pair || state.is_asking || document.hidden || document.body.dataset.view !== "live") return;
  state.is_asking = true;
  try {
    const query = new URLSearchParams({ pair: state.pair, timeframe: state.frame, limit: "600" });
    if (state.on.size > 0) query.set("indicators", [...state.on].map((name) => overlays[name].ask).join(","));
    const { body } = await get(`/api/v1/chart?${query}`);
    if (body.pair !== state.pair) return;
    state.data = body;
    draw(body);
  } catch {
    by_id("stage").dataset.old = "true";   // the head of the page says why
    return;
  } finally {
    state.is_asking = false;
  }
  delete by_id("stage").dataset.old;
}

function show_choices(pairs) {
  choices(by_id("chart-pairs"), pairs.map((pair) => ({ value: pair, text: pair })), (pair) => pair === state.pair, (pair) => {
    state.pair = pair;
    again(pairs);
  });
  choices(by_id("chart-frames"), frames.map((frame) => ({ value: frame, text: frame })), (frame) => frame === state.frame, (frame) => {
    state.frame = frame;
    again(pairs);
  });
  choices(by_id("chart-lines"), Object.entries(overlays).map(([value, o]) => ({ value, text: o.text })), (name) => state.on.has(name), (name) => {
    if (!state.on.delete(name)) state.on.add(name);
    again(pairs);
  });
}

function again(pairs) {
  show_choices(pairs);
  refresh();
}

/** Shows the chart of a pair, as somebody pressed it elsewhere. */
export function choose_pair(pair) {
  state.pair = pair;
  again(state.pairs);
  by_id("candles-panel").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

/** Tells the chart which pairs there are; the first is shown first. */
export function show_candles(view) {
  state.currency = view.currency;
  if (!charts.createChart) {
    write(by_id("stage-empty"), "This build has no chart library: it was made without npm.");
    by_id("stage-empty").hidden = false;
    return;
  }
  const pairs = view.pairs.map((p) => p.pair);
  state.pairs = pairs;
  if (pairs.length === 0 || pairs.includes(state.pair)) return;
  state.pair = pairs[0];
  again(pairs);
}

/** Another engine is shown from here on: its candles, marks and levels are asked for at once. */
export function forget_candles() {
  if (!charts.createChart) return;
  state.chart?.remove();
  Object.assign(state, { chart: null, data: null, shown: "" });
  write(by_id("chart-legend"), "\u00a0");
  write(by_id("stage-text"), "");
  refresh();
}

export function begin_candles() {
  if (!charts.createChart) return;
  setInterval(refresh, refresh_ms);
  const restyle = () => {
    if (!state.chart) return;
    build();
    state.shown = "";
    if (state.data) draw(state.data);
  };
  document.addEventListener("theme", restyle);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", restyle);
}
