-- The test of each model that gated: whether it helps, and the candidates whose end it waits for. A restart begins
-- with it, so that a gate that was found useless stays off.
CREATE TABLE gate_tests(
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  model TEXT NOT NULL,                -- first sixteen digits of its hash
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  won REAL NOT NULL,                  -- outcomes, the weight of the base rate included
  weight REAL NOT NULL,
  evidence REAL NOT NULL,             -- nats
  uncapped REAL NOT NULL,
  claimed REAL NOT NULL,
  outcomes INTEGER NOT NULL,
  is_off INTEGER NOT NULL CHECK(is_off IN (0, 1)),
  accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  accepted_r REAL NOT NULL,           -- sums of net R
  rejected_r REAL NOT NULL,
  alive TEXT NOT NULL,                -- a line for each candidate under way
  updated_ns INTEGER NOT NULL,
  PRIMARY KEY(account_id, exchange, model)
) STRICT;
