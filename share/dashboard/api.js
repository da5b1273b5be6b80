// How the page asks: with its session, and for every change a token and a key that makes it happen once.

export const session = { kind: "nobody", scope: "none", may_control: false, can_log_in: false, csrf: null };

/** The engine that the page is about, where there are several: `name` is what people call it, "" where there is one;
    `turn` rises when it becomes another. Empty names are the engine that the daemon shows unasked. */
export const aim = { tenant: "", account: "", name: "", turn: 0 };

const of_house = /^\/api\/v1\/(session|engines|settings|keys|tenants|audit)(\/|\?|$)/;

/** Names the engine in what is asked of engines; what is the daemon's own is left alone. */
export function aimed(path, headers = {}) {
  if (of_house.test(path)) return headers;
  if (aim.account) headers["X-Account-ID"] = aim.account;
  if (aim.tenant && session.scope === "admin") headers["X-Tenant-ID"] = aim.tenant;
  return headers;
}

export class Refused extends Error {
  constructor(status, message, details = []) {
    super(message);
    this.status = status;
    this.details = details;   // {path, message} of fields, where the daemon says so
  }
}

function once() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function refusal_of(reply) {
  try {
    const wait = reply.headers.get("Retry-After");
    const { error, errors } = await reply.json();
    return new Refused(reply.status, wait ? `${error.message}; again in ${wait} s` : error.message, errors);
  } catch {
    return new Refused(reply.status, `the daemon answered with status ${reply.status}`);
  }
}

/** Asks for a document; null when it is the one with that tag. What comes is of the engine that the page is about then:
    a reply that another choice has overtaken is asked for anew. */
export async function get(path, { tag } = {}) {
  const { turn } = aim;
  const reply = await fetch(path, {
    headers: aimed(path, tag ? { "If-None-Match": tag } : {}), cache: "no-store", signal: AbortSignal.timeout(5000),
  });
  const body = reply.ok ? await reply.json() : null;
  if (turn !== aim.turn && !of_house.test(path)) return get(path);
  if (reply.status === 304) return null;
  if (!reply.ok) throw await refusal_of(reply);
  return { body, tag: reply.headers.get("ETag") ?? "", cursor: reply.headers.get("X-Next-Cursor") };
}

/** Asks for a change. */
export async function change(method, path, body) {
  const headers = aimed(path, { "Content-Type": "application/json", "Idempotency-Key": once() });
  if (session.csrf) headers["X-CSRF-Token"] = session.csrf;
  const reply = await fetch(path, {
    method, headers, body: JSON.stringify(body ?? {}), cache: "no-store", signal: AbortSignal.timeout(15000),
  });
  if (!reply.ok) throw await refusal_of(reply);
  return reply.json();
}

/** Finds out who we are here. */
export async function look_up() {
  const { body } = await get("/api/v1/session");
  Object.assign(session, { csrf: null }, body);
  return session;
}

export async function log_in(username, password) {
  Object.assign(session, await change("POST", "/api/v1/session", { username, password }));
}

export async function log_out() {
  const reply = await fetch("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": session.csrf ?? "" }, cache: "no-store" });
  if (!reply.ok) throw await refusal_of(reply);
  await look_up();
}

/** Opens the live stream of the engine that the page is about; a session shows a ticket, which is good for one stream. */
export async function open_stream({ on_message, on_close }) {
  const protocols = ["aitrade.v1"];
  if (session.kind === "session") protocols.push(`ticket.${(await change("POST", "/api/v1/ws-ticket")).ticket}`);
  const query = aim.account ? `?account=${encodeURIComponent(aim.account)}` : "";
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live${query}`, protocols);
  socket.addEventListener("message", (event) => on_message(socket, JSON.parse(event.data)));
  socket.addEventListener("close", (event) => on_close(socket, event.code));
  return socket;
}
