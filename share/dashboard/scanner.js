// The scanner: every pair with its price, what it did lately, its book and its feed.

import { change, get, session } from "./api.js";
import { run } from "./control.js";
import * as format from "./format.js";
import { list, make, mark, text_of, write } from "./table.js";

function spread_bps(pair) {
  const bid = Number(pair.bid ?? NaN);
  const ask = Number(pair.ask ?? NaN);
  if (!(ask > bid) || !(bid > 0)) return "–";
  const bps = ((ask - bid) / ((ask + bid) / 2)) * 10000;
  return `${bps.toFixed(bps < 1 ? 2 : 1)} bps`;
}

const trails = new Map();   // the last prices of a pair, newest last
const trail_max = 40;

/** Remembers what has been seen of the prices: the scanner draws it. */
export function note_prices(view) {
  for (const { pair, last } of view.pairs) {
    const trail = trails.get(pair) ?? [];
    trails.set(pair, trail);
    const value = Number(last ?? NaN);
    if (Number.isFinite(value) && value !== trail.at(-1)) trail.push(value);
    if (trail.length > trail_max) trail.shift();
  }
}

/** A line of the prices that were seen. */
const trail_column = {
  label: "Lately",
  write(cell, p) {
    if (!cell.firstChild) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", "0 0 84 22");
      svg.setAttribute("class", "trail");
      svg.setAttribute("aria-hidden", "true");
      svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      cell.append(svg);
    }
    const trail = trails.get(p.pair) ?? [];
    const low = Math.min(...trail), high = Math.max(...trail);
    const points = trail.map((v, i) => `${((i / Math.max(1, trail.length - 1)) * 82 + 1).toFixed(1)},${(20 - ((v - low) / (high - low || 1)) * 18).toFixed(1)}`);
    cell.firstChild.firstChild.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
    mark(cell.firstChild, (trail.at(-1) ?? 0) - (trail[0] ?? 0));
  },
};

const favorites = new Set();

/** What somebody keeps an eye on; a daemon that knows none has none. */
export async function ask_favorites() {
  try {
    const { body } = await get("/api/v1/favorites");
    favorites.clear();
    for (const pair of body.favorites) favorites.add(pair);
  } catch { /* no stars then */ }
}

async function switch_favorite(pair, button) {
  const is_on = favorites.has(pair);
  await run(button, () => (is_on ? change("DELETE", `/api/v1/favorites/${pair.replace("/", "-")}`)
    : change("POST", "/api/v1/favorites", { symbol: pair })), () => {
    if (is_on) favorites.delete(pair);
    else favorites.add(pair);
    return is_on ? `${pair} is a pair among others` : `${pair} comes first`;
  });
}

/** A star, and the pair as a button that shows its chart. */
const pair_column = (choose) => ({
  label: "Pair",
  write(cell, p) {
    if (!cell.firstChild) {
      const star = make("button", "star control", "☆");
      const button = make("button", "link-like", p.pair);
      star.type = button.type = "button";
      star.addEventListener("click", () => switch_favorite(button.textContent, star));
      button.addEventListener("click", () => choose(button.textContent));
      cell.append(star, button);
    }
    const [star, button] = cell.children;
    write(button, p.pair);
    button.setAttribute("aria-label", `chart of ${p.pair}`);
    const is_on = favorites.has(p.pair);
    write(star, is_on ? "★" : "☆");
    star.hidden = session.kind !== "session";
    star.setAttribute("aria-pressed", String(is_on));
    star.setAttribute("aria-label", `favourite ${p.pair}`);
  },
});

export function show_pairs(view, choose) {
  const age = (p) => (Date.parse(view.now) - Date.parse(p.candle_close ?? "")) / 1000;
  const feed = (p) => (p.stale || !view.feed_up ? "stale" : p.warm ? "live" : "warming");
  const kind = (p) => ({ stale: "bad", live: "good" })[feed(p)] ?? "warn";
  const first = (p) => (favorites.has(p.pair) ? 0 : 1);
  list("pairs", [...view.pairs].sort((a, b) => first(a) - first(b)), (p) => p.pair, [
    pair_column(choose),
    text_of("Last", (p) => format.price(p.last), { numeric: true }),
    trail_column,
    text_of("Spread", spread_bps, { numeric: true }),
    text_of("Book", (p) => (p.book ? format.signed(p.book.imbalance, 2) : "–"), { tone: (p) => p.book?.imbalance ?? 0,
      hint: (p) => (p.book ? `${p.book.spoofed ? "orders that vanish were seen; " : ""}liquidity ${format.words(String(p.book.liquidity))}` : "no fresh order book") }),
    text_of("Candle", (p) => format.age(age(p)),
      { numeric: true, hint: (p) => `closed ${format.moment(p.candle_close)}, this long ago` }),
    text_of("Feed", (p) => `● ${feed(p)}`, { kind }),
  ]);
}
