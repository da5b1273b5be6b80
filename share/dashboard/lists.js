// Lists that are asked for when somebody looks: orders, executions, alerts; each with its pages and its troubles.

import { aim, aimed, get, session, change } from "./api.js";
import { run, toast } from "./control.js";
import * as format from "./format.js";
import { by_id, keyed, list, make, meter_of, tone_of_side, text_of, write } from "./table.js";

/** Says under the title of a panel why it cannot be filled; nothing when it can. */
export function show_failure(name, error) {
  const line = by_id(`${name}-failed`);
  line.hidden = !error;
  if (!error) return;
  write(line, error.status === 404 ? "This daemon does not offer that." : `Cannot be shown: ${error.message}`);
  by_id(`${name}-empty`).hidden = true;
}

const page_rows = 100;

/** A list in pages: newest first, older ones on demand. */
export class PagedList {
  constructor(name, path, key_of, columns) {
    Object.assign(this, { name, path, key_of, columns, items: [], cursor: null, is_asking: false });
    by_id(`${name}-more`)?.addEventListener("click", () => this.ask(true));
  }

  async ask(older = false) {
    if (this.is_asking) return;
    this.is_asking = true;
    const { turn } = aim;
    const button = by_id(`${this.name}-more`);
    if (button) button.disabled = true;
    try {
      const query = new URLSearchParams({ limit: String(page_rows) });
      if (older && this.cursor) query.set("before_id", this.cursor);
      const { body, cursor } = await get(`${this.path}?${query}`);
      if (turn !== aim.turn) return;   // of what was asked of another engine
      const rows = Array.isArray(body) ? body : body.rows;
      const known = new Set(rows.map(this.key_of));
      if (older) this.items.push(...rows);
      else this.items = [...rows, ...this.items.filter((item) => !known.has(this.key_of(item)))].slice(0, 1000);
      if (older || !this.cursor) this.cursor = rows.length === page_rows ? cursor : null;
      show_failure(this.name, null);
      this.draw();
    } catch (error) {
      show_failure(this.name, error);
    } finally {
      this.is_asking = false;
      if (button) {
        button.disabled = false;
        button.hidden = !this.cursor;
      }
    }
  }

  /** Drops what is known, of another engine; it is not known yet whether there is nothing. */
  forget() {
    Object.assign(this, { items: [], cursor: null, is_asking: false });
    this.draw();
    by_id(`${this.name}-empty`).hidden = by_id(`${this.name}-more`).hidden = true;
  }

  draw() {
    list(this.name, this.items, this.key_of, this.columns);
  }
}

/** Saves what the daemon sends under that path. */
export async function download(path, file, button) {
  button.disabled = true;
  try {
    const reply = await fetch(path, { headers: aimed(path), cache: "no-store" });
    if (!reply.ok) throw new Error(reply.status === 429 ? "too many downloads; try again in a minute" : `status ${reply.status}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await reply.blob());
    link.download = aim.name ? file.replace(".", `-${aim.account}.`) : file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch (error) {
    toast(`Download: ${error.message}`, "bad");
  } finally {
    button.disabled = false;
  }
}

// ---- orders and executions ----------------------------------------------------------------------------

const bought = (item) => ({ buy: "▲ buy", sell: "▼ sell" })[item.side] ?? format.words(item.side);
const state_of = (o) => (o.status === "journaled" ? "on its way" : format.words(o.status));
const state_kind = (o) => ({ filled: "good", rejected: "bad", open: "warn", accepted: "warn", sent: "warn" })[o.status] ?? "muted";
const now = () => new Date().toISOString();

const orders = () => new PagedList("orders", "/api/v1/orders", (o) => o.client_order_id, [
  text_of("Sent", (o) => format.when(o.created, now()), { hint: (o) => o.created ?? "" }),
  text_of("Pair", (o) => o.pair, { hint: (o) => o.client_order_id }),
  text_of("Role", (o) => format.words(o.role)),
  text_of("Side", bought, { tone: tone_of_side }),
  text_of("Type", (o) => `${format.words(o.type)} ${o.tif ?? ""}`.trim()),
  text_of("Price", (o) => format.price(o.limit_price ?? o.trigger_price), { numeric: true }),
  text_of("Quantity", (o) => format.quantity(o.quantity), { numeric: true }),
  meter_of("Filled", (o) => Number(o.filled) / Number(o.quantity), (o) => format.percent(Number(o.filled) / Number(o.quantity), 0)),
  text_of("State", (o) => (o.reason && o.reason !== o.status ? `${state_of(o)}: ${format.words(o.reason)}` : state_of(o)), { kind: state_kind }),
]);

const fills = () => new PagedList("fills", "/api/v1/fills", (f) => `${f.id}`, [
  text_of("Time", (f) => format.when(f.at, now()), { hint: (f) => f.at ?? "" }),
  text_of("Pair", (f) => f.pair, { hint: (f) => f.fill_id }),
  text_of("Role", (f) => format.words(f.role)),
  text_of("Side", bought, { tone: tone_of_side }),
  text_of("Price", (f) => format.price(f.price), { numeric: true }),
  text_of("Quantity", (f) => format.quantity(f.quantity), { numeric: true }),
  text_of("Fee", (f) => format.money(f.fee, f.fee_asset), { numeric: true }),
  text_of("Liquidity", (f) => format.words(f.liquidity)),
]);

// ---- alerts -------------------------------------------------------------------------------------------

const levels = { critical: "bad", error: "bad", warning: "warn", info: "good" };

function draw_alerts(alerts) {
  write(by_id("alerts-count"), alerts.length > 0 ? String(alerts.length) : "");
  by_id("alerts-empty").hidden = alerts.length > 0;
  keyed(by_id("alerts"), alerts, (a) => String(a.id), (a) => {
    const item = make("li");
    const button = make("button", "small plain control", "Seen");
    button.type = "button";
    button.addEventListener("click", () => run(button, () => change("POST", `/api/v1/alerts/${a.id}/ack`), () => {
      ask_alerts();
      return "Noted as seen";
    }));
    item.append(make("span", "dot"), make("span", "text"), make("time"), button);
    return item;
  }, (item, a) => {
    item.dataset.kind = levels[a.level] ?? "muted";
    item.dataset.seen = String(Boolean(a.acked_at));
    write(item.children[0], { bad: "▲", warn: "!" }[item.dataset.kind] ?? "●");
    write(item.children[1], a.count > 1 ? `${a.message} (${a.count} times)` : a.message);
    write(item.children[2], format.when(a.at, now()));
    item.children[2].dateTime = a.at;
    item.children[3].hidden = Boolean(a.acked_at) || !session.may_control;
    item.children[3].setAttribute("aria-label", `seen: ${a.message}`);
  });
}

export async function ask_alerts() {
  try {
    const { body } = await get("/api/v1/alerts?limit=20");
    draw_alerts(Array.isArray(body) ? body : body.alerts ?? body.rows ?? []);
    show_failure("alerts", null);
  } catch (error) {
    show_failure("alerts", error);
  }
}

const ask_at_most_every_ms = 3000;

// ---- when to ask --------------------------------------------------------------------------------------

const memory = { orders: null, fills: null, seen: "", shown: "", asked_at: 0 };

/** Asks again for what is shown after something happened. */
export function show_lists(view, shown) {
  const news = `${view.execution?.orders_placed} ${view.execution?.fills} ${view.trades_total} ${view.paused} ${view.state} ${shown}`;
  const clock = performance.now();
  if (news === memory.seen || (shown === memory.shown && clock - memory.asked_at < ask_at_most_every_ms)) return;
  Object.assign(memory, { seen: news, shown, asked_at: clock });
  if (shown === "books") {
    memory.orders.ask();
    memory.fills.ask();
  }
  if (shown === "live") ask_alerts();
}

/** Another engine is shown from here on. */
export function forget_lists() {
  memory.seen = memory.shown = "";
  for (const paged of [memory.orders, memory.fills]) paged.forget();
  draw_alerts([]);
  by_id("alerts-empty").hidden = true;
}

export function begin_lists() {
  memory.orders = orders();
  memory.fills = fills();
  for (const name of ["orders", "fills"]) {
    const button = by_id(`${name}-csv`);
    button.setAttribute("aria-label", `download ${name} as CSV`);
    button.addEventListener("click", () => download(`/api/v1/export/${name}.csv?limit=100000`, `${name}.csv`, button));
  }
  setInterval(() => {
    if (!document.hidden && document.body.dataset.view === "live" && document.body.dataset.link === "live") ask_alerts();
  }, 15000);
}
