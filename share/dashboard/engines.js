// Which of several engines the page is about: the selector in its head, and all of them side by side. Where there is
// one engine nothing of this is seen. What somebody chose outlives a reload: two names in the session of this window.

import { aim, get, session } from "./api.js";
import { toast } from "./control.js";
import * as format from "./format.js";
import { show_failure } from "./lists.js";
import { by_id, keyed, make, mark, opener_of, rows, text_of, write } from "./table.js";

const store_key = "engine";
const look_every_ms = 2000;
const ask_every_ms = 10000;     // where the table is not shown
const still_after_ms = 10000;

const memory = { list: [], totals: [], asked_at: 0, is_asking: false, is_quiet: true, has_tenants: false, turns: new Map(), on_change: () => {} };

const has_many = () => memory.list.length > 1;
const is_aim = (e) => e.account_id === aim.account && e.tenant_id === aim.tenant;
const name_of = (e) => (memory.has_tenants ? `${e.tenant_id} · ${e.account_id}` : e.account_id);
const key_of = (e) => `${e.tenant_id}/${e.account_id}`;

// ---- which one ----------------------------------------------------------------------------------------

function aim_at(engine) {
  const is_news = aim.account !== (engine?.account_id ?? "") || aim.tenant !== (engine?.tenant_id ?? "");
  Object.assign(aim, { tenant: engine?.tenant_id ?? "", account: engine?.account_id ?? "" });
  aim.name = engine && has_many() ? name_of(engine) : "";
  if (is_news) aim.turn += 1;
  return is_news;
}

/** Finds the engine to show among those that there are: the one that is shown, the one remembered, or the first. */
function settle() {
  const { list } = memory;
  const remembered = sessionStorage.getItem(store_key);
  const before = aim.account ? `${aim.tenant}/${aim.account}` : remembered;
  const found = list.find(is_aim) ?? list.find((e) => key_of(e) === remembered)
    ?? list.find((e) => e.tenant_id === "default") ?? list[0];
  // The only engine of whoever looks is what the daemon shows unasked.
  const is_plain = list.length < 2 && (!found || found.tenant_id === "default" || session.scope !== "admin");
  const is_news = aim_at(is_plain ? null : found);
  if (found && before && before !== key_of(found) && (session.scope === "admin" || !memory.is_quiet)) {
    sessionStorage.removeItem(store_key);
    toast(`${before.replace("/", " · ")} has no engine here any more: this is ${name_of(found)}`, "bad");
  }
  memory.is_quiet = false;
  return is_news;
}

function choose(engine) {
  sessionStorage.setItem(store_key, key_of(engine));
  const is_news = aim_at(engine);
  draw();
  if (is_news) memory.on_change();
}

// ---- the list -----------------------------------------------------------------------------------------

/** Takes the list of engines; what is gone from it is not shown any more. */
function take({ engines, totals }) {
  const now = Date.now();
  memory.list = engines;
  memory.totals = totals;
  memory.has_tenants = new Set(engines.map((e) => e.tenant_id)).size > 1 || engines.some((e) => e.tenant_id !== "default");
  for (const e of engines) {
    const known = memory.turns.get(key_of(e));
    const turns = e.loops[0]?.turns ?? 0;
    if (known?.turns !== turns) memory.turns.set(key_of(e), { turns, at: now });
  }
  const is_news = settle();
  draw();
  return is_news;
}

/** Asks which engines there are, unless it was asked just now; `known` is what it has to wait for. True: the page is
    about another one from here on. */
export async function learn_engines(known = null, is_urgent = false) {
  if (!is_urgent && Date.now() - memory.asked_at < ask_every_ms) return (await known, false);
  memory.asked_at = Date.now();
  try {
    const [{ body }] = await Promise.all([get("/api/v1/engines"), known]);
    show_failure("portfolio", null);
    return take(body);
  } catch (error) {
    memory.asked_at = 0;
    if (![401, 403].includes(error.status)) throw error;   // else: whoever asks for the view is told to log in
    await known;
    return false;
  }
}

/** Who looks has changed: what they may see is asked anew. */
export function forget_engines() {
  Object.assign(memory, { asked_at: 0, is_quiet: true });
}

async function look() {
  const is_shown = document.body.dataset.view === "live";
  if (!has_many() || document.hidden || memory.is_asking || !["live", "stale"].includes(document.body.dataset.link)) return;
  if (!is_shown && Date.now() - memory.asked_at < ask_every_ms) return;
  memory.is_asking = true;
  try {
    if (await learn_engines(null, true)) memory.on_change();
  } catch (error) {
    show_failure("portfolio", error);
    write(by_id("portfolio-failed"), `These are the last known figures: ${error.message}`);
    by_id("portfolio-panel").dataset.old = "true";
  } finally {
    memory.is_asking = false;
  }
}

// ---- how they stand -----------------------------------------------------------------------------------

const kinds = { running: "good", paused: "warn", warming: "warn", initializing: "warn", stopping: "warn" };
const signs = { good: "●", warn: "●", bad: "▲" };
const is_known = (e) => e.updated_at !== null;
const still_ms = (e) => Date.now() - (memory.turns.get(key_of(e))?.at ?? Date.now());
const is_still = (e) => e.state !== "failed" && still_ms(e) > still_after_ms;

/** A value with a smaller one beside it. */
const two_of = (label, main, side, more = {}) => ({
  label, numeric: more.numeric,
  write(cell, item) {
    if (!cell.firstChild) cell.append(make("span", "main"), make("span", "beside"));
    write(cell.firstChild, main(item));
    write(cell.lastChild, side(item));
    const title = more.hint?.(item) ?? "";
    if (cell.title !== title) cell.title = title;
    if (more.tone) mark(cell.firstChild, more.tone(item));
    if (more.kind) cell.firstChild.dataset.kind = more.kind(item);
  },
});

const share = (value) => (value === null || value === undefined ? "" : format.percent(value));
const change_share = (value) => (value === null || value === undefined ? "" : `${format.signed(value * 100)} %`);
const shields = (e) => (e.open_positions === 0 ? "–" : [
  e.positions_protected > 0 ? `● ${e.positions_protected} protected` : "",
  e.positions_exposed > 0 ? `○ ${e.positions_exposed} exposed` : "",
  e.positions_leaving > 0 ? `${e.positions_leaving} leaving` : ""].filter(Boolean).join(", "));
const shields_kind = (e) => (e.positions_exposed > 0 ? "warn" : e.positions_protected > 0 ? "good" : "muted");

const money_columns = (currency) => [
  text_of("Equity", (e) => (is_known(e) ? format.money(e.equity, currency(e)) : "–"), { numeric: true }),
  two_of("Today", (e) => (is_known(e) ? format.money(e.day_pnl, currency(e), { delta: true }) : "–"),
    (e) => (is_known(e) ? change_share(e.day_return) : ""), { numeric: true, tone: (e) => format.sign(e.day_pnl) }),
  two_of("Exposure", (e) => (is_known(e) ? format.money(e.exposure, currency(e)) : "–"),
    (e) => (is_known(e) ? share(e.exposure_share) : ""), { numeric: true, hint: () => "positions at market, and their share of equity" }),
];

const columns = [
  opener_of("Account", name_of, choose, { name: (e) => `show ${name_of(e)}` }),
  text_of("Exchange", (e) => `${format.words(e.exchange)}, ${e.mode}`, { kind: (e) => (e.mode === "live" ? "warn" : "muted") }),
  two_of("State", (e) => `${signs[kinds[e.state] ?? "bad"]} ${format.words(e.state)}`, (e) => (e.state === "failed" ? e.reason : e.reason ? format.words(e.reason) : ""),
    { kind: (e) => kinds[e.state] ?? "bad", hint: (e) => e.reason ?? "" }),
  ...money_columns((e) => e.currency),
  text_of("Drawdown", (e) => (is_known(e) ? format.percent(e.drawdown) : "–"), { numeric: true }),
  text_of("Positions", (e) => String(e.open_positions), { numeric: true }),
  text_of("Protection", shields, { kind: shields_kind }),
  text_of("Updated", (e) => (!is_known(e) ? "never" : is_still(e) ? `${format.age(still_ms(e) / 1000)} ago` : format.time_of_day(e.updated_at)),
    { numeric: true, kind: (e) => (is_still(e) ? "warn" : "muted"), hint: (e) => e.updated_at ?? "it has no figures yet" }),
];

const of_total = (t) => memory.list.filter((e) => is_known(e) && e.mode === t.mode && e.currency === t.currency);
const running = (t) => of_total(t).filter((e) => e.state === "running").length;
const total_columns = [
  text_of("Account", (t) => (memory.totals.length > 1 ? `Total, ${t.mode} ${t.currency}` : "Total")),
  text_of("Exchange", (t) => `${t.engines} engines`, { kind: () => "muted" }),
  text_of("State", (t) => `${running(t)} running`, { kind: (t) => (running(t) === t.engines ? "good" : "warn") }),
  ...money_columns((t) => t.currency).map((column) => ({ ...column, write: (cell, t) => column.write(cell, { updated_at: "", ...t }) })),
  text_of("Drawdown", () => "–", { numeric: true, hint: () => "falls of several engines do not add up" }),
  text_of("Positions", (t) => String(t.open_positions), { numeric: true }),
  text_of("Protection", shields, { kind: shields_kind }),
  text_of("Updated", () => "", { numeric: true }),
];

function draw_table() {
  delete by_id("portfolio-panel").dataset.old;
  write(by_id("portfolio-count"), String(memory.list.length));
  rows(by_id("portfolio"), memory.list, key_of, columns);
  rows(by_id("portfolio-total"), memory.totals, (t) => `${t.mode} ${t.currency}`, total_columns);
  memory.list.forEach((e, i) => {
    const row = by_id("portfolio").children[i];
    row.dataset.chosen = String(is_aim(e));
    row.dataset.still = String(is_still(e));
    row.querySelector(".opener").setAttribute("aria-current", String(is_aim(e)));
  });
}

function draw() {
  const is_on = has_many();
  document.body.dataset.many = String(is_on);
  by_id("whose").hidden = by_id("portfolio-panel").hidden = !is_on;
  if (!is_on) return;
  const select = by_id("engine");
  keyed(select, memory.list, key_of, (e) => Object.assign(make("option"), { value: key_of(e) }), (option, e) =>
    write(option, kinds[e.state] === "good" || is_aim(e) ? name_of(e) : `${name_of(e)}, ${format.words(e.state)}`));
  const value = `${aim.tenant}/${aim.account}`;
  if (select.value !== value) select.value = value;
  select.title = aim.name;
  draw_table();
}

/** `on_change` is called when the page is about another engine from here on. */
export function begin_engines(on_change) {
  memory.on_change = on_change;
  const find = (key) => memory.list.find((e) => key_of(e) === key);
  by_id("engine").addEventListener("change", (event) => find(event.target.value) && choose(find(event.target.value)));
  by_id("portfolio").classList.add("openable");
  by_id("portfolio").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("button") && !String(window.getSelection())) choose(find(row.dataset.key));
  });
  setInterval(look, look_every_ms);
}
