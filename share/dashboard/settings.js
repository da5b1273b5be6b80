// The settings: each with what it means, its bounds and where its value comes from. Changes are tried first, shown
// as a difference, and saved all together or not at all.

import { change, get, session } from "./api.js";
import { run, toast } from "./control.js";
import * as format from "./format.js";
import { show_failure } from "./lists.js";
import { by_id, keyed, make, rows, text_of, write } from "./table.js";

const order = ["risk", "trading", "ai", "strategies", "exchange", "monitoring", "paper", "dashboard", "app"];
const titles = { ai: "Votes and confluence", app: "Program", risk: "Risk", dashboard: "Page and API", webhooks: "Signals from outside", billing: "Plans and payments" };
/** What is short in a key, as people read it. */
const whole_words = { usd: "in USD", pct: "as a fraction", sl: "stop", tp: "target", atr: "ATR", mult: "multiple", ws: "stream", api: "API", url: "address", id: "id",
  bps: "in basis points", ms: "in ms", mb: "in MB", db: "database", utc: "(UTC)" };
const effects = { hot: "at once", new_orders: "with new orders", warm_up: "after a warm-up", restart: "with a restart" };
const editable = ["true or false", "choice", "text", "whole number", "number", "exact decimal", "list of text",
  "list of whole numbers"];

const state = { settings: [], section: "risk", search: "", changed: new Map(), faults: new Map() };

function name_of(key) {
  const part = (text) => text.split("_").map((word) => whole_words[word] ?? word).join(" ");
  return key.split(".").slice(1).map(part).join(" · ");
}

/** The text of a value as the configuration writes it, as people type it. */
function plain(setting) {
  const value = setting.value ?? "";
  if (["text", "choice"].includes(setting.kind)) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  if (!setting.kind.startsWith("list of") || !editable.includes(setting.kind)) return value;
  try {
    return JSON.parse(value).join(", ");
  } catch {
    return value;
  }
}

/** What is sent for what was typed. */
function sent(setting, text) {
  if (setting.kind === "true or false") return text === "true";
  if (setting.kind.startsWith("list of")) return text.split(",").map((word) => word.trim()).filter(Boolean);
  return text.trim();
}

function nested(changes) {
  const body = {};
  for (const [key, text] of changes) {
    const path = key.split(".");
    let at = body;
    for (const name of path.slice(0, -1)) at = at[name] ??= {};
    at[path.at(-1)] = sent(state.settings.find((s) => s.key === key), text);
  }
  return body;
}

/** Bounds in words. */
function bounds(setting) {
  const show = (number) => String(number).replace("-", "\u2212");
  const { min, max } = setting;
  const unit = setting.unit ? ` ${setting.unit}` : "";
  if (min === null && max === null) return setting.unit ?? "";
  if (max === null) return `at least ${show(min)}${unit}`;
  if (min === null) return `at most ${show(max)}${unit}`;
  return `${show(min)} to ${show(max)}${unit}`;
}

// ---- fields -------------------------------------------------------------------------------------------

function input_of(setting) {
  if (setting.kind === "true or false" || setting.choices?.length > 0) {
    const select = make("select");
    for (const word of setting.choices ?? ["true", "false"]) {
      const option = make("option", "", { true: "yes", false: "no" }[word] ?? word);
      option.value = word;
      select.append(option);
    }
    return select;
  }
  const input = make("input");
  input.type = "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  if (["whole number", "number", "exact decimal"].includes(setting.kind)) input.inputMode = "decimal";
  return input;
}

function create(setting) {
  const row = make("div", "setting");
  const id = `set-${setting.key.replaceAll(".", "-")}`;
  const label = make("label", "name");
  const field = input_of(setting);
  label.htmlFor = field.id = id;
  field.setAttribute("aria-describedby", `${id}-help ${id}-fault`);
  field.addEventListener(field.tagName === "SELECT" ? "change" : "input", () => on_input(setting.key, field.value));
  const help = make("p", "help");
  help.id = `${id}-help`;
  const fault = make("p", "error");
  fault.id = `${id}-fault`;
  fault.setAttribute("role", "alert");
  const box = make("div", "value");
  box.append(field, make("span", "unit"));
  row.append(label, box, help, make("p", "tags"), fault);
  return row;
}

function update(row, setting) {
  const [label, box, help, tags, fault] = row.children;
  const field = box.firstChild;
  const text = state.changed.get(setting.key) ?? plain(setting);
  const can_edit = session.scope === "admin" && editable.includes(setting.kind);
  write(label, name_of(setting.key));
  label.title = setting.key;
  if (document.activeElement !== field && field.value !== text) field.value = text;
  field.disabled = !can_edit;
  write(box.lastChild, bounds(setting));
  write(help, setting.help + (setting.note ? ` (else ${setting.note})` : ""));
  const is_late = (setting.applies ?? "") === "restart";
  const words = [`takes effect ${is_late ? effects.restart : effects[setting.reload] ?? setting.reload}`];
  if (setting.pending) words.push(`until then ${setting.running ?? "the value before"}`);
  if (setting.origin !== "default") words.push(`from ${setting.origin}`);
  if (setting.shadowed) words.push("which wins over a change here");
  write(tags, words.join(" · "));
  write(fault, state.faults.get(setting.key) ?? "");
  field.setAttribute("aria-invalid", String(state.faults.has(setting.key)));
  row.dataset.pending = String(Boolean(setting.pending));
  row.dataset.changed = String(state.changed.has(setting.key));
}

function wanted() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return state.settings.filter((s) => s.key.startsWith(`${state.section}.`));
  return state.settings.filter((s) => words.every((w) => `${s.key} ${s.help}`.toLowerCase().includes(w)));
}

function draw() {
  const shown = wanted();
  write(by_id("settings-title"), state.search ? `Settings with “${state.search}”` : titles[state.section] ?? format.words(state.section));
  write(by_id("settings-who"), session.scope === "admin" ? "" : "Only the administrator may change these.");
  keyed(by_id("settings"), shown, (s) => s.key, create, update);
  by_id("settings-empty").hidden = shown.length > 0;
  write(by_id("settings-empty"), state.settings.length > 0 ? "No setting fits" : "Asking…");
  const names = [...new Set(state.settings.map((s) => s.key.split(".")[0]))]
    .sort((a, b) => (order.indexOf(a) + 99) % 99 - (order.indexOf(b) + 99) % 99);
  keyed(by_id("sections"), names, (name) => name, (name) => {
    const item = make("li");
    const button = make("button", "plain", titles[name] ?? format.words(name));
    button.type = "button";
    button.addEventListener("click", () => {
      state.section = name;
      by_id("settings-search").value = state.search = "";
      draw();
    });
    item.append(button);
    return item;
  }, (item, name) => {
    const count = [...state.changed.keys()].filter((key) => key.startsWith(`${name}.`)).length;
    item.firstChild.setAttribute("aria-current", String(!state.search && name === state.section));
    item.dataset.changed = count > 0 ? String(count) : "";
  });
  by_id("savebar").hidden = state.changed.size === 0;
  write(by_id("savebar-text"), `${state.changed.size} ${state.changed.size === 1 ? "change" : "changes"}, not saved`);
}

function on_input(key, text) {
  const setting = state.settings.find((s) => s.key === key);
  if (text === plain(setting)) state.changed.delete(key);
  else state.changed.set(key, text);
  state.faults.delete(key);
  draw();
}

// ---- trying and saving --------------------------------------------------------------------------------

/** Puts each complaint to its field; what belongs to none is told. */
function show_faults(error) {
  state.faults.clear();
  const told = error.details?.length > 0 ? error.details.map((d) => [d.path, d.message])
    : error.message.split("; ").map((part) => part.split(/:\s(.*)/s));
  const loose = [];
  for (const [key, text] of told) {
    if (state.settings.some((s) => s.key === key)) state.faults.set(key, text);
    else loose.push(text ? `${key}: ${text}` : key);
  }
  if (loose.length > 0) toast(loose.join("; "), "bad");
  const first = [...state.faults.keys()][0];
  if (first && !wanted().some((s) => s.key === first)) state.section = first.split(".")[0];
  draw();
  const field = first && by_id(`set-${first.replaceAll(".", "-")}`);
  field?.focus();
  field?.closest(".setting").scrollIntoView({ block: "center" });
}

async function review() {
  const button = by_id("settings-review");
  button.disabled = true;
  try {
    const tried = await change("PATCH", "/api/v1/settings", { ...nested(state.changed), dry_run: true });
    rows(by_id("diff-rows"), tried.changed, (c) => c.key, [
      text_of("Setting", (c) => c.key),
      text_of("Now", (c) => c.before, { numeric: true }),
      text_of("Then", (c) => c.after, { numeric: true }),
      text_of("Takes effect", (c) => effects[c.reload] ?? c.reload),
    ]);
    const shadowed = tried.shadowed_by_env ?? [];
    write(by_id("diff-text"), tried.changed.length === 0 ? "Nothing would be different."
      : shadowed.length > 0 ? `${shadowed.join(", ")}: set by the command line or the environment, which wins until a restart without it.` : "");
    write(by_id("diff-error"), "");
    by_id("diff-yes").disabled = tried.changed.length === 0 && shadowed.length === 0;
    by_id("diff").showModal();
  } catch (error) {
    show_faults(error);
  } finally {
    button.disabled = false;
  }
}

async function save() {
  const touches_risk = [...state.changed.keys()].some((key) => key.startsWith("risk."));
  await run(by_id("diff-yes"), async () => {
    try {
      return await change("PATCH", "/api/v1/settings", { ...nested(state.changed), ...(touches_risk ? { confirm: true } : {}) });
    } catch (error) {
      write(by_id("diff-error"), error.message);
      throw error;
    }
  }, (reply) => {
    by_id("diff").close();
    state.changed.clear();
    state.faults.clear();
    ask_settings();
    const waits = reply.pending_restart?.length ?? 0;
    return waits > 0 ? `Saved; ${waits === 1 ? "it takes" : `${waits} take`} effect with a restart` : "Saved";
  });
}

export async function ask_settings() {
  try {
    state.settings = (await get("/api/v1/settings")).body.settings;
    show_failure("settings", null);
    draw();
  } catch (error) {
    show_failure("settings", error);
  }
}

/** Values by key, for who wants to say what a limit is. */
export async function settings_by_key() {
  const { body } = await get("/api/v1/settings");
  return new Map(body.settings.map((s) => [s.key, s.value ?? ""]));
}

export function begin_settings() {
  by_id("settings-search").addEventListener("input", (event) => {
    state.search = event.target.value.trim();
    draw();
  });
  by_id("settings-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.changed.size > 0) review();
  });
  by_id("settings-review").addEventListener("click", review);
  by_id("settings-undo").addEventListener("click", () => {
    state.changed.clear();
    state.faults.clear();
    draw();
  });
  by_id("diff-yes").addEventListener("click", save);
}
