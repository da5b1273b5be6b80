// One closed trade: what it came of, what it did and what it cost; a row of the table opens it.

import { get } from "./api.js";
import * as format from "./format.js";
import { by_id, facts, meter_of, rows, side, side_tone, text_of, tone_of_side, write } from "./table.js";

const bought = (item) => ({ buy: "▲ buy", sell: "▼ sell" })[item.side] ?? format.words(item.side);
const share = (value) => (value === null || value === undefined ? "–" : `${Math.round(value * 100)}\u00a0%`);

const fill_columns = [
  text_of("Time", (f) => format.clock(f.at), { hint: (f) => f.at ?? "" }),
  text_of("Role", (f) => format.words(f.role)),
  text_of("Side", bought, { tone: tone_of_side }),
  text_of("Price", (f) => format.price(f.price), { numeric: true }),
  text_of("Quantity", (f) => format.quantity(f.quantity), { numeric: true }),
  text_of("Fee", (f) => format.money(f.fee, f.fee_asset), { numeric: true }),
];

const order_columns = [
  text_of("Sent", (o) => format.clock(o.created), { hint: (o) => o.client_order_id }),
  text_of("Role", (o) => format.words(o.role)),
  text_of("Type", (o) => format.words(o.type)),
  text_of("Price", (o) => format.price(o.limit_price ?? o.trigger_price), { numeric: true }),
  text_of("Filled", (o) => `${format.quantity(o.filled)} of ${format.quantity(o.quantity)}`, { numeric: true }),
  text_of("State", (o) => format.words(o.status), { hint: (o) => format.words(o.reason) }),
];

const vote_columns = [
  text_of("Strategy", (v) => format.words(v.strategy)),
  text_of("View", side, { tone: side_tone }),
  meter_of("Confidence", (v) => v.confidence, (v) => share(v.confidence)),
  text_of("Adds", (v) => format.signed(v.log_odds), { numeric: true, tone: (v) => v.log_odds }),
];

function part(name, items, columns) {
  rows(by_id(`trade-${name}`), items, (item) => JSON.stringify([item.id, item.client_order_id, item.strategy]), columns);
  by_id(`trade-${name}-part`).hidden = items.length === 0;
}

function show(t, currency) {
  const seconds = (Date.parse(t.closed_at) - Date.parse(t.opened_at)) / 1000;
  write(by_id("trade-text"), `${side(t)}, held ${format.age(seconds)}, closed by ${format.reason(t.reason)}: ` +
    `${format.money(t.pnl, currency, { delta: true })} after costs.`);
  facts(by_id("trade-facts"), [
    ["Opened", format.clock(t.opened_at)], ["Closed", format.clock(t.closed_at)],
    ["Entry", format.price(t.entry)], ["Exit", format.price(t.exit)],
    ["Quantity", format.quantity(t.quantity)], ["Stop at entry", format.price(t.stop)], ["Target", format.price(t.target)],
    ["Result in R", format.signed(t.r_multiple)],
    ["Fees", format.money(t.fees, currency)], ["Slippage", format.money(t.slippage, currency)],
    ["Best on the way", format.percent(t.mfe)], ["Worst on the way", format.percent(t.mae)],
    ["Confidence", share(t.decision?.confidence ?? t.confidence)],
    ["Expected", t.decision ? `${format.signed(t.decision.expected_r)} R` : "–"],
  ]);
  part("votes", t.decision?.votes ?? [], vote_columns);
  part("fills", t.fills ?? [], fill_columns);
  part("orders", t.orders ?? [], order_columns);
}

/** The id of a trade as the ledger has it; rows of the live view come without. */
async function id_of(t) {
  if (t.trade_id) return t.trade_id;
  const closed = Date.parse(t.closed_at);
  const query = new URLSearchParams({ pair: t.pair, limit: "20", from: new Date(closed).toISOString(), to: new Date(closed + 1000).toISOString() });
  const { body } = await get(`/api/v1/trades?${query}`);
  return body.find((row) => row.opened_at === t.opened_at)?.trade_id ?? body[0]?.trade_id;
}

/** Opens the dialog that shows a trade from its decision to its last fill. */
export async function tell_trade(t, currency) {
  const dialog = by_id("trade");
  write(by_id("trade-title"), `${t.pair}, ${format.moment(t.closed_at)}`);
  write(by_id("trade-text"), "Asking…");
  facts(by_id("trade-facts"), []);
  for (const [name, columns] of [["votes", vote_columns], ["fills", fill_columns], ["orders", order_columns]]) part(name, [], columns);
  dialog.showModal();
  dialog.scrollTop = 0;
  try {
    const id = await id_of(t);
    if (!id) return write(by_id("trade-text"), "The ledger does not have it yet: look again in a moment.");
    show((await get(`/api/v1/trades/${encodeURIComponent(id)}`)).body, currency);
  } catch (error) {
    write(by_id("trade-text"), `That cannot be told: ${error.message}`);
  }
}
