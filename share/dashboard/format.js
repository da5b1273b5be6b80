// Numbers and times as people read them. Money arrives as exact decimal text and stays exact: it is
// rounded with whole-number arithmetic and never becomes a binary float on its way to the screen.

const minus = "\u2212";
const none = "\u2013";

/** Splits decimal text into sign and digits; null when it is no decimal. */
function parts(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text ?? ""));
  return match && { negative: match[1] === "-", whole: match[2], fraction: match[3] ?? "" };
}

/** Rounds decimal text half up (away from zero) to `places`; returns sign and text with separators. */
function rounded(text, places) {
  const number = parts(text);
  if (!number) return null;
  const digits = number.whole + number.fraction.padEnd(places, "0").slice(0, places);
  const next = number.fraction[places] ?? "0";
  const value = BigInt(digits) + (next >= "5" ? 1n : 0n);
  const plain = value.toString().padStart(places + 1, "0");
  const whole = plain.slice(0, plain.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = places > 0 ? "." + plain.slice(plain.length - places) : "";
  return { negative: number.negative && value !== 0n, zero: value === 0n, text: whole + fraction };
}

const symbols = { USD: "$", EUR: "€", GBP: "£", USDT: "₮", USDC: "$" };

/** "$1,234.50", "−$12.34"; with `delta` also "+$3.00". Zero has no sign. */
export function money(text, currency, { delta = false } = {}) {
  const number = rounded(text, 2);
  if (!number) return none;
  const sign = number.negative ? minus : delta && !number.zero ? "+" : "";
  const symbol = symbols[currency];
  return symbol ? sign + symbol + number.text : `${sign}${number.text} ${currency ?? ""}`.trim();
}

/** A price with decimals that fit its size. */
export function price(text) {
  const size = Math.abs(Number(text));
  if (text === null || text === undefined || !Number.isFinite(size)) return none;
  const number = rounded(text, size >= 1000 ? 2 : size >= 1 ? 4 : 6);
  return number ? (number.negative ? minus : "") + number.text : none;
}

export function quantity(text) {
  const size = Math.abs(Number(text));
  const number = rounded(text, size >= 100 ? 2 : size >= 1 ? 4 : 6);
  return number ? (number.negative ? minus : "") + number.text : none;
}

/** A fraction as "1.25 %". */
export function percent(fraction, places = 2) {
  if (typeof fraction !== "number" || !Number.isFinite(fraction)) return none;
  const text = Math.abs(fraction * 100).toFixed(places);
  return (fraction < 0 && Number(text) !== 0 ? minus : "") + text + " %";
}

export function signed(number, places = 2) {
  if (typeof number !== "number" || !Number.isFinite(number)) return none;
  const text = Math.abs(number).toFixed(places);
  return (Number(text) === 0 ? "" : number < 0 ? minus : "+") + text;
}

/** -1, 0 or 1 for decimal text. */
export function sign(text) {
  const number = parts(text);
  if (!number || /^0*$/.test(number.whole + number.fraction)) return 0;
  return number.negative ? -1 : 1;
}

/** "25 Jan 14:03", for moments that may be days ago. */
export function moment(iso) {
  const time = new Date(iso ?? NaN);
  if (Number.isNaN(time.getTime())) return none;
  return time.toLocaleString([], {
    day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", hour12: false,
  });
}

/** "25 Jan 2027", for moments that may be years away. */
export function day(iso) {
  const time = new Date(iso ?? NaN);
  if (Number.isNaN(time.getTime())) return none;
  return time.toLocaleDateString([], { day: "2-digit", month: "short", year: "numeric" });
}

/** "26 Nov 14:03:07 CET": the clock, in the reader's zone as all times of the page. */
export function clock(iso) {
  const time = new Date(iso ?? NaN);
  if (Number.isNaN(time.getTime())) return none;
  return time.toLocaleString([], {
    day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hour12: false, timeZoneName: "short",
  });
}

/** "14:03" for moments near `now`, else with the day. */
export function when(iso, now) {
  const apart = Math.abs(Date.parse(now) - Date.parse(iso));
  if (!(apart < 20 * 3600 * 1000)) return moment(iso);
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** "3d 04:05:06" from seconds. */
export function span(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return none;
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const rest = `${two((seconds % 86400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}d ${rest}` : rest;
}

/** "4 s", "12 min", "3 h": how long ago, roughly. */
export function age(seconds) {
  if (!Number.isFinite(seconds)) return none;
  if (seconds < 0) return "now";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

// Why nothing was done, where the one word of the ledger says too little.
const reasons = {
  no_edge: "costs exceed the gain",
  no_short: "no shorting on spot",
  no_votes: "no strategy votes",
  tie: "votes are even",
  no_cash: "not enough cash",
  has_position: "position is open already",
  below_minimum: "below the venue's minimum",
  reward_to_risk: "target too near",
  reward_too_small: "target too near",
  closing_opposite: "closes the open position",
  bad_levels: "stop or target not usable",
  max_positions: "enough positions are open",
  max_group: "enough of this group is open",
  stale_feed: "prices are old",
  wide_spread: "spread is too wide",
  cooldown_pair: "pair is resting",
  cooldown_strategy: "strategy is resting",
  cooldown_loss: "resting after a loss",
  trades_per_hour: "enough trades this hour",
  opposite_signal: "reversal",
  taken: "taken by hand",
  close_all: "close all",
};

/** A reason of a decision or an exit as people say it. */
export function reason(text) {
  return reasons[text] ?? words(text);
}

/** "no_confirmation" as "no confirmation". */
export function words(text) {
  return String(text ?? "").replaceAll("_", " ") || none;
}
