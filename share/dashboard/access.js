// Who may come in: keys, tenants, and the trail of what was done. For the administrator.

import { aim, change, get, session } from "./api.js";
import { acted_on, ask, run } from "./control.js";
import * as format from "./format.js";
import { PagedList, show_failure } from "./lists.js";
import { by_id, list, make, text_of, write } from "./table.js";

const lists = {};

/** A button in a row; `act` gets the row's newest item and the button. */
const button_column = (label, name_of, act, is_shown = () => true) => ({
  label,
  write(cell, item) {
    let button = cell.firstChild;
    if (!button) {
      button = make("button", "small plain");
      button.type = "button";
      button.addEventListener("click", () => act(button.item, button));
      cell.append(button);
    }
    button.item = item;
    write(button, name_of(item));
    button.hidden = !is_shown(item);
    button.setAttribute("aria-label", `${name_of(item).toLowerCase()} ${item.label || item.id}`);
  },
});

async function fill(name, path, key_of, columns) {
  try {
    const { body } = await get(path);
    show_failure(name, null);
    list(name, Array.isArray(body) ? body : body.rows, key_of, columns);
  } catch (error) {
    show_failure(name, error);
  }
}

const dates = (label, name) => text_of(label, (row) => format.day(row[name]), { hint: (row) => row[name] ?? "" });
const states = { live: "good", active: "good", trialing: "good", expired: "muted", revoked: "bad", suspended: "bad" };

// ---- keys ---------------------------------------------------------------------------------------------

const ask_keys = () => fill("keys", "/api/v1/keys", (k) => k.id, [
  text_of("Label", (k) => k.label || k.id, { hint: (k) => k.id }),
  text_of("May", (k) => k.scope),
  text_of("Tenant", (k) => k.tenant ?? "default"),
  dates("Made", "created"), dates("Ends", "expires"), dates("Used", "last_used"),
  text_of("State", (k) => `● ${k.state}`, { kind: (k) => states[k.state] ?? "muted" }),
  button_column("Revoke", () => "Revoke", revoke, (k) => k.state === "live"),
]);

async function revoke(key, button) {
  const sure = await ask(`Revoke ${key.label || key.id}?`, "Whoever uses this key is shut out within a second. It cannot be taken back.", "revoke");
  if (!sure) return;
  await run(button, () => change("DELETE", `/api/v1/keys/${key.id}`), () => {
    refresh();
    return `${key.label || key.id} is revoked`;
  });
}

function show_secret(text) {
  write(by_id("secret-text"), text);
  by_id("secret").showModal();
}

function make_key(event) {
  event.preventDefault();
  const body = { label: by_id("key-label").value.trim(), scope: by_id("key-scope").value, days: Number(by_id("key-days").value) };
  if (by_id("key-tenant").value) body.tenant = by_id("key-tenant").value;
  run(event.target.querySelector("button"), () => change("POST", "/api/v1/keys", body), (reply) => {
    by_id("key-label").value = "";
    show_secret(reply.key);
    refresh();
    return `A key for ${body.label} is made`;
  });
}

async function copy_secret() {
  const text = by_id("secret-text");
  try {
    await navigator.clipboard.writeText(text.textContent);
    write(by_id("secret-copy"), "Copied");
  } catch {
    getSelection().selectAllChildren(text);   // to be copied by hand
  }
}

// ---- tenants ------------------------------------------------------------------------------------------

const is_suspended = (tenant) => tenant.status === "suspended";

const ask_tenants = () => fill("tenants", "/api/v1/tenants", (t) => t.id, [
  text_of("Id", (t) => t.id),
  text_of("Name", (t) => t.name || "–"),
  text_of("State", (t) => `● ${t.status}`, { kind: (t) => states[t.status] ?? "muted" }),
  text_of("Plan", (t) => t.plan || "–"),
  dates("Since", "created_at"),
  button_column("Change", (t) => (is_suspended(t) ? "Admit" : "Suspend"), switch_tenant, (t) => t.id !== "default"),
]);

async function switch_tenant(tenant, button) {
  const status = is_suspended(tenant) ? "active" : "suspended";
  if (status === "suspended" && !(await ask(`Suspend ${tenant.id}?`, "Its keys open nothing until it is admitted again.", "suspend"))) return;
  await run(button, () => change("PATCH", `/api/v1/tenants/${tenant.id}`, { status }), () => {
    refresh();
    return `${tenant.id} is ${status}`;
  });
}

function add_tenant(event) {
  event.preventDefault();
  const body = { id: by_id("tenant-id").value.trim(), name: by_id("tenant-name").value.trim() };
  run(event.target.querySelector("button"), () => change("POST", "/api/v1/tenants", body), () => {
    event.target.reset();
    refresh();
    return `${body.id} is added`;
  });
}

// ---- the end ------------------------------------------------------------------------------------------

/** What a kill is of: the daemon where it has one engine, else the engine that the page is about. */
export function show_kill() {
  const { name, account } = aim;
  write(by_id("danger-title"), name ? `The end of ${name}` : "The end of this run");
  write(by_id("kill-what"), name ? `Kill closes every position of ${name} at the market and halts it, also over restarts, until somebody says `
    : "Kill closes every position at the market, ends the daemon, and lets no later run enter until somebody says ");
  write(by_id("kill-undo"), `aitrade resume --clear-halt${name ? ` --account ${account}` : ""}`);
  write(by_id("kill-others"), name ? ". The other engines go on." : ".");
  write(by_id("kill"), name ? `Kill ${account}…` : "Kill…");
  write(by_id("kill-title"), name ? `Kill ${name}?` : "Kill this daemon?");
  write(by_id("kill-yes"), name ? `Kill ${account}` : "Kill");
}

function ask_kill() {
  const view = acted_on();
  show_kill();
  by_id("kill-word").value = "";
  by_id("kill-yes").disabled = true;
  write(by_id("kill-text"), `It trades ${view?.mode === "live" ? "live" : "on paper"}, equity ${format.money(view?.equity, view?.currency)}. ${aim.name
    ? `What ${aim.name} holds is closed and it stays halted; the other engines go on.`
    : "It comes back only when somebody starts it, and stays halted then."}`);
  by_id("kill-ask").showModal();
}

async function kill(event) {
  event.preventDefault();
  if (by_id("kill-word").value !== "KILL") return;
  by_id("kill-ask").close();
  const { name } = aim;
  await run(by_id("kill"), () => change("POST", "/api/v1/control/kill", { confirm: "KILL", reason: "page" }),
    () => (name ? `${name} is killed: what it holds is being closed, and it stays halted`
      : "Killed: what is held is being closed, then the daemon ends"));
}

// ---- all of it ----------------------------------------------------------------------------------------

function refresh() {
  ask_keys();
  ask_tenants();
  lists.audit.ask();
}

export function show_access() {
  const is_admin = session.scope === "admin";
  by_id("access-closed").hidden = is_admin;
  show_kill();
  for (const panel of document.querySelectorAll(".admin")) panel.hidden = !is_admin;
  if (is_admin) refresh();
}

export function begin_access() {
  lists.audit = new PagedList("audit", "/api/v1/audit", (a) => String(a.id), [
    text_of("Time", (a) => format.moment(a.at), { hint: (a) => a.at ?? "" }),
    text_of("Who", (a) => a.actor),
    text_of("Action", (a) => format.words(a.action)),
    text_of("On", (a) => a.target || "–"),
    text_of("Detail", (a) => a.detail || "–"),
    text_of("Result", (a) => format.words(a.outcome), { kind: (a) => (a.outcome === "ok" ? "good" : "warn") }),
  ]);
  by_id("key-form").addEventListener("submit", make_key);
  by_id("tenant-form").addEventListener("submit", add_tenant);
  by_id("kill").addEventListener("click", ask_kill);
  by_id("kill-no").addEventListener("click", () => by_id("kill-ask").close());
  by_id("kill-word").addEventListener("input", () => { by_id("kill-yes").disabled = by_id("kill-word").value !== "KILL"; });
  by_id("kill-form").addEventListener("submit", kill);
  by_id("secret-copy").addEventListener("click", copy_secret);
  by_id("secret").addEventListener("close", () => {
    write(by_id("secret-text"), "");
    write(by_id("secret-copy"), "Copy");
  });
}
