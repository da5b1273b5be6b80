// The equity curve: an SVG line over its area, with a dashed line where the day began, the fall from the
// highest point so far in a band below it, and a read-out under the pointer. Geometry uses floats; the figures shown come from the decimal text.

import { moment, money, percent } from "./format.js";

const space = "http://www.w3.org/2000/svg";
const margin = { top: 14, right: 76, bottom: 26, left: 4 };
const band = 46;   // px, of the drawdown

function element(name, attributes = {}, text) {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Returns about `count` round values between low and high. */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const values = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) values.push(v);
  return { values, step };
}

function label(value, step) {
  const places = step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step)));
  return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
}

export class EquityChart {
  constructor(host, empty = "The curve begins with the first candles") {
    this.host = host;
    this.empty = empty;
    this.points = [];
    this.svg = element("svg", { role: "img", "aria-label": "equity over time" });
    this.readout = document.createElement("div");
    this.readout.className = "readout";
    this.readout.hidden = true;
    host.append(this.svg, this.readout);
    new ResizeObserver(() => this.draw()).observe(host);
    host.addEventListener("pointermove", (event) => this.point(event));
    host.addEventListener("pointerleave", () => this.point(null));
  }

  /** `points` are {t, equity} oldest first; `start` is the equity at the start of the day. */
  update(points, start, currency) {
    this.points = points
      .map((p) => ({ t: Date.parse(p.t), value: Number(p.equity), text: p.equity }))
      .filter((p) => Number.isFinite(p.t) && Number.isFinite(p.value));
    let peak = -Infinity;
    this.worst = 0;
    for (const p of this.points) {
      peak = Math.max(peak, p.value);
      p.fall = peak > 0 ? 1 - p.value / peak : 0;
      this.worst = Math.max(this.worst, p.fall);
    }
    this.start = Number(start);
    this.currency = currency;
    this.draw();
  }

  draw() {
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    if (width < 80 || height < 60) return;
    if (this.points.length < 2) {
      this.svg.append(element("text", { x: width / 2, y: height / 2, class: "hint", "text-anchor": "middle" },
        this.empty));
      return;
    }
    this.measure(width, height);
    this.drawGrid(width, height);
    this.drawCurve();
    this.drawFall(width, height);
    this.cursor = element("g", { class: "cursor", visibility: "hidden" });
    this.cursor.append(
      element("line", { y1: margin.top, y2: height - margin.bottom }), element("circle", { r: 4 }));
    this.svg.append(this.cursor);
  }

  measure(width, height) {
    const values = this.points.map((p) => p.value);
    let low = Math.min(...values);
    let high = Math.max(...values);
    if (Number.isFinite(this.start) && this.start > 0) {
      low = Math.min(low, this.start);
      high = Math.max(high, this.start);
    }
    const room = (high - low) * 0.08 || Math.max(Math.abs(high) * 0.001, 0.01);
    this.low = low - room;
    this.high = high + room;
    this.first = this.points[0].t;
    this.last = this.points.at(-1).t;
    this.floor = height - margin.bottom - band;
    const inner = { w: width - margin.left - margin.right, h: this.floor - margin.top };
    this.x = (t) => margin.left + ((t - this.first) / (this.last - this.first || 1)) * inner.w;
    this.y = (v) => margin.top + ((this.high - v) / (this.high - this.low)) * inner.h;
  }

  drawGrid(width, height) {
    const { values, step } = ticks(this.low, this.high, Math.max(2, Math.floor((height - band) / 56)));
    for (const value of values) {
      const y = this.y(value);
      this.svg.append(
        element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y, y2: y }),
        element("text", { class: "tick", x: width - margin.right + 10, y: y + 4 }, label(value, step)));
    }
    const count = Math.max(2, Math.min(6, Math.floor(width / 170)));
    for (let i = 0; i < count; ++i) {
      const t = this.first + ((this.last - this.first) * i) / (count - 1);
      const anchor = i === 0 ? "start" : i === count - 1 ? "end" : "middle";
      this.svg.append(element("text", { class: "tick", x: this.x(t), y: height - 6, "text-anchor": anchor },
        moment(new Date(t).toISOString())));
    }
  }

  /** The fall from the highest point so far, hanging from the upper edge of its band. */
  drawFall(width, height) {
    const top = this.floor + 12, room = height - margin.bottom - top;
    const y = (fall) => top + (this.worst > 0 ? (fall / this.worst) * room : 0);
    const line = this.points.map((p) => `${this.x(p.t).toFixed(1)},${y(p.fall).toFixed(1)}`).join("L");
    this.svg.append(
      element("path", { class: "fall", d: `M${this.x(this.first)},${top}L${line}L${this.x(this.last)},${top}Z` }),
      element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: top, y2: top }),
      element("text", { class: "tick", x: width - margin.right + 10, y: top + room - 2 },
        this.worst > 0 ? `\u2212${percent(this.worst, this.worst < 0.001 ? 3 : 2)}` : "0 %"));
  }

  drawCurve() {
    const path = this.points.map((p) => `${this.x(p.t).toFixed(1)},${this.y(p.value).toFixed(1)}`);
    const { floor } = this;
    const gradient = element("linearGradient", { id: "fade", x1: 0, y1: 0, x2: 0, y2: 1 });
    gradient.append(element("stop", { offset: 0, class: "fade-top" }), element("stop", { offset: 1, class: "fade-end" }));
    const defs = element("defs");
    defs.append(gradient);
    this.svg.append(defs,
      element("path", { class: "area", fill: "url(#fade)",
        d: `M${this.x(this.first)},${floor}L${path.join("L")}L${this.x(this.last)},${floor}Z` }));
    if (Number.isFinite(this.start) && this.start > 0) {
      const y = this.y(this.start);
      this.svg.append(element("line", { class: "base", x1: margin.left, x2: this.x(this.last), y1: y, y2: y }));
    }
    const end = this.points.at(-1);
    this.svg.append(element("path", { class: "curve", d: `M${path.join("L")}` }),
      element("circle", { class: "end", r: 3.5, cx: this.x(end.t), cy: this.y(end.value) }));
  }

  point(event) {
    const hide = () => {
      this.readout.hidden = true;
      this.cursor?.setAttribute("visibility", "hidden");
    };
    if (!event || this.points.length < 2 || !this.x) return hide();
    const at = event.clientX - this.host.getBoundingClientRect().left;
    let nearest = this.points[0];
    for (const p of this.points) {
      if (Math.abs(this.x(p.t) - at) < Math.abs(this.x(nearest.t) - at)) nearest = p;
    }
    const x = this.x(nearest.t);
    const y = this.y(nearest.value);
    this.cursor.setAttribute("visibility", "visible");
    this.cursor.firstChild.setAttribute("x1", x);
    this.cursor.firstChild.setAttribute("x2", x);
    this.cursor.lastChild.setAttribute("cx", x);
    this.cursor.lastChild.setAttribute("cy", y);
    this.readout.hidden = false;
    this.readout.textContent =
      `${money(nearest.text, this.currency)}  ·  ${moment(new Date(nearest.t).toISOString())}` +
      (nearest.fall > 0 ? `  ·  \u2212${percent(nearest.fall)}` : "");
    const most = this.host.clientWidth - this.readout.offsetWidth;
    this.readout.style.left = `${Math.max(0, Math.min(most, x - this.readout.offsetWidth / 2))}px`;
  }
}

/** Draws curves over each other as returns, each over the whole width; `curves` are equities, oldest first. */
export function draw_returns(host, curves) {
  const width = Math.max(200, host.clientWidth), height = Math.max(120, host.clientHeight);
  const lines = curves.map((values) => values.filter(Number.isFinite).map((v, _, all) => v / all[0] - 1));
  const all = lines.flat();
  if (all.length === 0) return host.replaceChildren();
  const low = Math.min(0, ...all), high = Math.max(0, ...all), room = (high - low) * 0.08 || 0.001;
  const y = (v) => margin.top + ((high + room - v) / (high - low + 2 * room)) * (height - margin.top - 8);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "returns of the chosen runs" });
  for (const value of ticks(low - room, high + room, 4).values) {
    svg.append(element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }),
      element("text", { class: "tick", x: width - margin.right + 10, y: y(value) + 4 }, percent(value)));
  }
  lines.forEach((values, i) => {
    const step = (width - margin.left - margin.right) / Math.max(1, values.length - 1);
    const path = values.map((v, k) => `${(margin.left + k * step).toFixed(1)},${y(v).toFixed(1)}`).join("L");
    svg.append(element("path", { class: "curve", "data-line": i, d: `M${path}` }));
  });
  host.replaceChildren(svg);
}
