// How the page asks: with its session, and for every change a token and a key that makes it happen once.

export const session = { kind: "nobody", scope: "none", may_control: false, can_log_in: false, csrf: null };

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

/** Asks for a document; null when it is the one with that tag. */
export async function get(path, { tag } = {}) {
  const reply = await fetch(path, {
    headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(5000),
  });
  if (reply.status === 304) return null;
  if (!reply.ok) throw await refusal_of(reply);
  return { body: await reply.json(), tag: reply.headers.get("ETag") ?? "", cursor: reply.headers.get("X-Next-Cursor") };
}

/** Asks for a change. */
export async function change(method, path, body) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": once() };
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

/** Opens the live stream; a session shows a ticket, which is good for one stream. */
export async function open_stream({ on_message, on_close }) {
  const protocols = ["aitrade.v1"];
  if (session.kind === "session") protocols.push(`ticket.${(await change("POST", "/api/v1/ws-ticket")).ticket}`);
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`, protocols);
  socket.addEventListener("message", (event) => on_message(socket, JSON.parse(event.data)));
  socket.addEventListener("close", (event) => on_close(socket, event.code));
  return socket;
}
