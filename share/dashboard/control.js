// What changes something: pause, close, log in and out. Every button waits for its answer and says it.

import { aim, change, log_in, log_out, session } from "./api.js";
import * as format from "./format.js";
import { by_id, make, write } from "./table.js";
import { on_view_key } from "./views.js";

const hold_ms = 1500;
const toast_ms = 7000;
const themes = ["system", "dark", "light"];

export function toast(text, kind = "good") {
  const note = make("p", "", text);
  note.dataset.kind = kind;
  by_id("toasts").append(note);
  setTimeout(() => note.remove(), toast_ms);
}

/** Runs an action once, with its button disabled meanwhile, and tells how it went. */
export async function run(button, action, done) {
  if (button.hasAttribute("aria-busy")) return;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    toast(done(await action()));
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

/** Asks before something that cannot be taken back. Resolves to true after the button was held down. */
export function ask(title, text, yes) {
  const dialog = by_id("ask");
  const button = by_id("ask-yes");
  write(by_id("ask-title"), title);
  write(by_id("ask-text"), text);
  write(button.firstElementChild, `Hold to ${yes}`);
  return new Promise((resolve) => {
    let timer = 0;
    const finish = (answer) => {
      stop();
      for (const [name, listener] of listeners) button.removeEventListener(name, listener);
      dialog.removeEventListener("close", refuse);
      if (dialog.open) dialog.close();
      resolve(answer);
    };
    const stop = () => {
      clearTimeout(timer);
      timer = 0;
      button.classList.remove("held");
    };
    const start = (event) => {
      if (event.type === "keydown" && ![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      if (timer) return;
      button.classList.add("held");
      timer = setTimeout(() => finish(true), hold_ms);
    };
    const refuse = () => finish(false);
    const listeners = [["pointerdown", start], ["keydown", start], ["pointerup", stop], ["pointerleave", stop],
      ["keyup", stop], ["blur", stop]];
    for (const [name, listener] of listeners) button.addEventListener(name, listener);
    dialog.addEventListener("close", refuse);
    dialog.showModal();
    by_id("ask-no").focus();
  });
}

/** Whose something is, in a question or an answer; nothing where there is one engine. */
export const of_aim = () => (aim.name ? ` of ${aim.name}` : "");

export async function close_position(position, button) {
  const { view } = memory;
  const whose = of_aim();
  const pnl = format.money(position.unrealized_pnl, view?.currency, { delta: true });
  const sure = await ask(`Close ${position.pair}${of_aim()}?`,
    `${format.quantity(position.quantity)} at the market, now ${pnl} before the fee.`, `close ${position.pair}`);
  if (!sure) return;
  await run(button, () => change("POST", `/api/v1/control/close/${position.pair.replace("/", "-")}`, { reason: "page" }),
    (reply) => (reply.status === "closed" ? `${position.pair}${whose} is closed` : `${position.pair}${whose}: the exit is on its way`));
}

async function close_all() {
  const { view } = memory;
  const count = view?.positions.length ?? 0;
  const whose = of_aim();
  const sure = await ask(`Close all positions${whose}?`, `${count === 1 ? "1 position" : `${count} positions`}, ` +
    `${format.money(view?.exposure, view?.currency)} of exposure, at the market. Entries that wait are canceled.${aim.name ? " The other engines are left alone." : ""}`, "close all");
  if (!sure) return;
  await run(by_id("close-all"), () => change("POST", "/api/v1/control/close_all", { confirm: "CLOSE ALL", reason: "page" }),
    (reply) => (reply.remaining > 0 ? `${reply.closed} closed${whose}, ${reply.remaining} on the way`
      : whose ? `Nothing${whose} is held any more` : "Nothing is held any more"));
}

async function pause_or_resume() {
  if (!memory.view) return;
  const is_paused = memory.view.paused;
  const path = `/api/v1/control/${is_paused ? "resume" : "pause"}`;
  const whose = of_aim();
  await run(by_id("pause"), () => change("POST", path, { reason: "page" }),
    () => (is_paused ? `Entries${whose} are allowed again` : `Paused: no new entries${whose}; exits keep working`));
}

const memory = { view: null, on_session: () => {}, wants_login: false };

/** What a button does and, where there are several engines, to whose account. */
function label(button, verb) {
  const account = aim.name ? aim.account : "";
  if (button.textContent === `${verb} ${account}`.trim()) return;
  button.replaceChildren(verb, ...(account ? [" ", make("span", "of", account)] : []));
}

/** Another engine is shown from here on: what was known of the last one is not said of it. */
export function forget_view() {
  memory.view = null;
  show_control(null);
  by_id("pause").disabled = true;
}

/** The view that the buttons act by; null until the first. */
export const acted_on = () => memory.view;

/** Shows what the session may do. */
export function show_control(view) {
  memory.view = view ?? memory.view;
  const { may_control, kind, can_log_in } = session;
  document.body.dataset.control = String(may_control);
  by_id("pause").hidden = by_id("close-all").hidden = !may_control;
  label(by_id("pause"), memory.view?.paused ? "Resume" : "Pause");
  label(by_id("close-all"), aim.name ? "Close all of" : "Close all");
  for (const id of ["pause", "close-all"]) by_id(id).title = aim.name ? `acts on ${aim.name} alone` : "";
  if (memory.view && !by_id("pause").hasAttribute("aria-busy")) by_id("pause").disabled = false;
  if (!by_id("close-all").hasAttribute("aria-busy")) by_id("close-all").disabled = !memory.view?.positions.length;
  by_id("enter").hidden = kind === "session" || !can_log_in;
  by_id("leave").hidden = kind !== "session";
}

export function show_gate(is_needed) {
  const is_open = is_needed || memory.wants_login;
  by_id("gate").hidden = !is_open;
  by_id("login-cancel").hidden = is_needed;
  by_id("login").hidden = !session.can_log_in;
  write(by_id("gate-text"), session.can_log_in
    ? is_needed ? "Reading needs a log-in here." : "To pause, resume and close from this page."
    : "Reading needs a log-in here, and no password is set: run `aitrade passwd` on the machine of the daemon.");
}

async function on_login(event) {
  event.preventDefault();
  const button = event.target.querySelector("button[type=submit]");
  button.disabled = true;
  write(by_id("login-error"), "");
  try {
    await log_in(by_id("username").value, by_id("password").value);
    memory.wants_login = false;
    toast("Logged in");
    memory.on_session();
  } catch (error) {
    write(by_id("login-error"), error.status === 401 ? "Name or password is wrong." : error.message);
  } finally {
    by_id("password").value = "";
    button.disabled = false;
  }
}

function show_theme(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  by_id("theme").setAttribute("aria-label", `theme: ${name}`);
  write(by_id("theme"), { system: "Theme", dark: "Dark", light: "Light" }[name]);
}

function begin_theme() {
  let theme = themes.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "system";
  show_theme(theme);
  by_id("theme").addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    localStorage.setItem("theme", theme);
    show_theme(theme);
    document.dispatchEvent(new Event("theme"));
  });
}

function on_key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) return;
  if (on_view_key(event)) return;
  const action = { p: () => by_id("pause"), c: () => by_id("close-all"), t: () => by_id("theme") }[event.key]?.();
  if (action && !action.hidden) action.click();
}

/** `on_session` is called after somebody logged in or out. */
export function begin_control(on_session) {
  memory.on_session = on_session;
  by_id("pause").addEventListener("click", pause_or_resume);
  by_id("close-all").addEventListener("click", close_all);
  by_id("enter").addEventListener("click", () => {
    memory.wants_login = true;
    show_gate(false);
    by_id("password").focus();
  });
  by_id("login-cancel").addEventListener("click", () => {
    memory.wants_login = false;
    show_gate(false);
  });
  by_id("leave").addEventListener("click", async () => {
    try {
      await log_out();
    } catch (error) {
      toast(error.message, "bad");
    }
    memory.on_session();
  });
  by_id("login").addEventListener("submit", on_login);
  document.addEventListener("keydown", on_key);
  begin_theme();
}
