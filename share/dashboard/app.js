// The page: the live view over a WebSocket, by asking once a second where that does not get through. Data reaches
// the document only through textContent and attributes. Three troubles are told apart: the server does not answer,
// it answers but the engine stands still, and it wants a log-in.

import { aim, get, look_up, open_stream, session } from "./api.js";
import { begin_access, show_access } from "./access.js";
import { begin_backtests, show_backtests } from "./backtests.js";
import { begin_candles, choose_pair, forget_candles, show_candles } from "./candles.js";
import { begin_control, close_position, forget_view, show_control, show_gate } from "./control.js";
import { begin_engines, forget_engines, learn_engines } from "./engines.js";
import * as format from "./format.js";
import { begin_curve, forget_curve, show_curve } from "./curve.js";
import { begin_history, forget_trades, show_trades, tell_why } from "./history.js";
import { ask_alerts, begin_lists, forget_lists, show_lists } from "./lists.js";
import * as panels from "./panels.js";
import { ask_favorites, note_prices, show_pairs } from "./scanner.js";
import { ask_settings, begin_settings, settings_by_key } from "./settings.js";
import { by_id, write } from "./table.js";
import * as views from "./views.js";

const poll_ms = 1000;
const stale_after_ms = 10000;
const waits_s = [2, 4, 8, 16, 30];
const ended_code = 4401;

const memory = { view: null, parts: {}, seq: 0, changed_at: 0, failures: 0, retry_at: 0, denied: false, stream: null,
  stream_failures: 0, tag: "", turn: 0, is_drawing: false, is_turning: false,
  settings: null, has_books: false };

// ---- the view -------------------------------------------------------------------------------------

function draw_books() {
  memory.has_books = true;
  show_trades(memory.view);
  panels.show_strategies(memory.view);
  panels.show_execution(memory.view);
}

/** Only what is shown is written; the rest is when it comes up. */
function draw_part(view) {
  const shown = views.shown_view();
  show_lists(view, shown);
  if (shown === "live") {
    panels.show_figures(view);
    show_curve(view);
    show_candles(view);
    panels.show_risk(view);
    panels.show_breakers(view, memory.settings);
    panels.show_positions(view, close_position);
    show_pairs(view, choose_pair);
    panels.show_decisions(view, tell_why);
    if (!memory.has_books) setTimeout(draw_books, 0);   // once, so that they stand there when somebody turns to them
  } else if (shown === "books") {
    draw_books();
  } else if (shown === "backtests") {
    show_backtests(view);
  }
}

function draw() {
  memory.is_drawing = false;
  const view = memory.view;
  if (!view) return;
  write(by_id("mode"), view.mode);
  by_id("mode").dataset.mode = view.mode;
  const state = view.halted ? "halted" : view.paused ? "paused" : view.state;
  by_id("state").dataset.state = state;
  write(by_id("state").lastElementChild, format.words(state));
  by_id("state").title = view.pause_reason || "";
  delete document.body.dataset.switching;
  note_prices(view);
  draw_part(view);
  if (document.body.dataset.link !== "live") show_link();
  show_control(view);
  write(by_id("build"), `aitrade ${view.version}  ·  ${view.build_id}`);
  write(by_id("run"), view.run ? `run ${view.run}` : "");
  document.title = `${format.money(view.equity, view.currency)} · ${aim.name ? `${aim.name} · ` : ""}aitrade`;
}

/** Takes a view and draws it with the next frame, once for all that came before it. */
function take(view) {
  memory.view = view;
  memory.changed_at = Date.now();
  memory.failures = 0;
  memory.denied = false;
  if (memory.is_drawing) return;
  memory.is_drawing = true;
  if (document.hidden) setTimeout(draw, 0);
  else requestAnimationFrame(draw);
}

// ---- the link -------------------------------------------------------------------------------------

function link_state(now) {
  if (memory.denied) return ["denied", "log-in needed"];
  if (memory.failures > 0) {
    const wait = Math.max(0, Math.ceil((memory.retry_at - now) / 1000));
    return ["lost", wait > 0 ? `offline, again in ${wait} s` : "reconnecting"];
  }
  if (!memory.view) return ["loading", "connecting"];
  const still = now - memory.changed_at;
  if (still > stale_after_ms) return ["stale", `no change for ${format.age(still / 1000)}`];
  return ["live", "live"];
}

function notice_text(link) {
  const view = memory.view;
  if (link === "denied") return "";
  if (link === "lost") return view ? "The daemon does not answer. What you see are the last known values." : "The daemon does not answer.";
  if (view?.state === "failed") return "This engine has failed; the log of the daemon says why. Its stops at the exchange stay.";
  if (link === "stale") return "The daemon answers, but its engine has stopped moving.";
  const why = view?.pause_reason ? ` (${format.words(view.pause_reason)})` : "";
  if (view?.halted) return `Halted${why}: nothing new is opened until an operator clears it.`;
  if (view?.paused) return `Paused${why}: no new entries; exits keep working.`;
  if (view?.entries_held) return `No entries: ${view.entries_held}. Exits keep working.`;
  if (view && !view.ledger_ok) return "The ledger cannot be written: no order leaves.";
  return "";
}

function show_link() {
  const now = Date.now();
  const [link, text] = link_state(now);
  document.body.dataset.link = link;
  write(by_id("link").lastElementChild, text);
  const notice = notice_text(link);
  const bar = by_id("notice");
  bar.hidden = notice === "";
  bar.dataset.kind = link === "lost" || memory.view?.halted || memory.view?.state === "failed" ? "bad" : "warn";
  write(bar, notice);
  show_gate(memory.denied);
  const view = memory.view;
  if (!view) return;
  write(by_id("uptime"), `up ${format.span((now - Date.parse(view.started_at)) / 1000)}`);
  write(by_id("clock"), `market ${format.clock(view.now)}`);
  by_id("clock").title = `the time that trading uses: ${view.now ?? "not known yet"}`;
}

async function on_denied() {
  memory.denied = true;
  memory.view = null;
  try {
    await look_up();
    if (session.scope !== "none") memory.denied = false;
  } catch { /* asked again with the next turn */ }
}

async function poll() {
  try {
    const reply = await get("/api/v1/view", { tag: memory.tag });
    if (reply) {
      memory.tag = reply.tag;
      take(reply.body);
    }
    memory.failures = 0;
    memory.denied = false;
  } catch (error) {
    if (error.status === 401 || error.status === 403) return on_denied();
    if (error.status === 404 && await learn_engines(null, true)) return show_other();   // the engine is gone
    throw error;
  }
}

/** The page is about another engine from here on: nothing of the last one stays, least of all a question about it. */
function show_other() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  Object.assign(memory, { view: null, parts: {}, tag: "", has_books: false });
  document.body.dataset.switching = "true";
  by_id("state").dataset.state = "";
  for (const node of [by_id("state").lastElementChild, by_id("uptime"), by_id("clock"), by_id("run")]) write(node, "–");
  forget_view();
  for (const forget of [forget_candles, forget_curve, forget_lists, forget_trades]) forget();
  leave_stream();
  show_link();
  views.again();
}

/** Ends a stream; one that is not open yet as soon as it is, for a browser complains of less. */
function drop(stream) {
  if (stream?.readyState === WebSocket.CONNECTING) stream.addEventListener("open", () => stream.close());
  else stream?.close();
}

/** Goes on with a stream of whoever looks now, at what they look at now. */
function leave_stream() {
  memory.stream_failures = 0;
  const stream = memory.stream;
  memory.stream = null;
  drop(stream);
  again(0);
}

// ---- the stream -----------------------------------------------------------------------------------

function on_message(socket, message) {
  if (socket !== memory.stream) return;
  const is_next = message.type === "snapshot" || message.seq === memory.seq + 1;
  memory.seq = message.seq;
  if (!is_next) return memory.stream?.close();
  if (message.type === "snapshot") memory.parts = {};
  memory.stream_failures = 0;
  Object.assign(memory.parts, message.data);
  take({ ...memory.parts.head, ...memory.parts });
}

function on_close(socket, code) {
  if (socket !== memory.stream) return;   // left already
  memory.stream = null;
  if (code !== ended_code) memory.stream_failures += 1;
  memory.tag = "";
  again(0);
}

// ---- turns ----------------------------------------------------------------------------------------

function again(wait) {
  clearTimeout(memory.turn);
  memory.turn = setTimeout(turn, wait);
}

/** A stream that does not open is no trouble of the daemon: the page asks meanwhile. */
async function try_stream() {
  if (memory.stream_failures >= 3) return;
  try {
    const { turn } = aim;
    const stream = await open_stream({ on_message, on_close });
    if (turn === aim.turn) memory.stream = stream;
    else drop(stream);   // overtaken by another choice
  } catch {
    memory.stream_failures += 1;
  }
}

/** Asks for the view; when that works, opens the stream, or goes on asking where streams do not get through. */
async function turn() {
  if (memory.stream || memory.is_turning) return;
  memory.is_turning = true;
  const at = aim.turn;
  let wait = document.hidden ? 5 * poll_ms : poll_ms;
  try {
    const is_first = session.kind === "nobody";
    if (await learn_engines(is_first ? look_up() : null, memory.failures > 0)) show_other();
    await poll();
    if (is_first && session.scope !== "none") views.again();
    if (!memory.settings && memory.view) learn_settings();
    if (memory.denied) wait = 10000;
    else await try_stream();
  } catch {
    const longest = waits_s[Math.min(memory.failures, waits_s.length - 1)] * 1000;
    memory.failures += 1;
    wait = longest / 2 + Math.random() * (longest / 2);
    memory.retry_at = Date.now() + wait;
  }
  memory.is_turning = false;
  show_link();
  if (!memory.stream) again(at === aim.turn ? wait : 0);
}

/** What the limits of breakers are called after; asked once, they change with a restart. */
async function learn_settings() {
  try {
    memory.settings = await settings_by_key();
    draw();
  } catch { /* the breakers say that it is not known */ }
}

begin_control(() => {
  Object.assign(memory, { tag: "", denied: false });
  forget_engines();
  show_control(null);
  show_link();
  leave_stream();
  views.again();
});
begin_engines(show_other);
begin_curve();
begin_history();
begin_candles();
begin_lists();
begin_backtests();
begin_settings();
begin_access();
views.begin_views({
  live: () => { draw(); ask_alerts(); ask_favorites(); },
  books: draw,
  backtests: () => show_backtests(memory.view, true),
  settings: ask_settings,
  access: show_access,
});
setInterval(show_link, 1000);
turn();
