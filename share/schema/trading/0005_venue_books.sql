-- The books of a real venue: its own words for each fill, and the moves of money that are no fills of ours.
ALTER TABLE fills ADD COLUMN cost TEXT NOT NULL DEFAULT '0';    -- as the venue states it; 0: price times quantity
ALTER TABLE fills ADD COLUMN words TEXT NOT NULL DEFAULT '';    -- its texts of price, quantity, cost, fee, fee asset
CREATE TABLE balance_moves(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,              -- signed, exact
  kind TEXT NOT NULL,                -- baseline, deposit, withdrawal, trade by hand, ...
  reference TEXT NOT NULL,           -- the venue's id of it
  moved_ns INTEGER NOT NULL,
  UNIQUE(exchange, account_id, reference, asset)
) STRICT;
