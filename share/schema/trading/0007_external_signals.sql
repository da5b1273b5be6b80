-- Signals from outside that were judged: each happens once, by its id. Written in the transaction of what it led to.
CREATE TABLE external_signals(
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  event_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  source TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,          -- of what was sent, hexadecimal
  pair TEXT NOT NULL,
  direction TEXT NOT NULL,
  reason TEXT NOT NULL,               -- entered, closing_opposite, or why nothing came of it
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL,
  judged_ns INTEGER NOT NULL,
  PRIMARY KEY(tenant_id, event_id)
) STRICT;
