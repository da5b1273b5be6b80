-- Parts of positions that somebody else took out of the account: sold by hand, withdrawn, or missing and adopted.
-- With the fills they make up what a position holds, and the cash.
CREATE TABLE holdings_taken(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  pair TEXT NOT NULL,
  quantity TEXT NOT NULL,
  price TEXT NOT NULL,                -- of the trade, else the mark
  fee TEXT NOT NULL,
  cash TEXT NOT NULL,                 -- that came for it, after the fee
  reference TEXT NOT NULL,            -- the venue's id of what took it
  taken_ns INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL,
  UNIQUE(exchange, account_id, pair, reference)
) STRICT;
