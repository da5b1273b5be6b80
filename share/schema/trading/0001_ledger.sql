-- The ledger: what was meant, what happened, and what a restart needs. Rows are never deleted.
-- Amounts are canonical decimal text, times are nanoseconds UTC.
CREATE TABLE meta(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE tenants(
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('active','trialing','past_due','canceled','incomplete','suspended')),
  plan TEXT NOT NULL DEFAULT 'free',
  created_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts(
  account_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  exchange TEXT NOT NULL,
  label TEXT,
  mode TEXT NOT NULL,                 -- paper, live
  currency TEXT NOT NULL,             -- quote currency that cash is counted in
  initial_cash TEXT NOT NULL,         -- the sums of the accounting check start here
  created_ns INTEGER NOT NULL,
  enabled INTEGER NOT NULL CHECK(enabled IN (0,1)),
  PRIMARY KEY(account_id, exchange)
) STRICT;

CREATE TABLE runs(
  run_id TEXT PRIMARY KEY,
  started_ns INTEGER NOT NULL,
  ended_ns INTEGER,                   -- null: running, or ended by a crash
  build TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  last_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE intents(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  role TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL CHECK(side IN ('buy','sell')),
  quantity TEXT NOT NULL,
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL,         -- the event that caused it
  created_ns INTEGER NOT NULL,
  UNIQUE(epoch, sequence, role)
) STRICT;

CREATE TABLE orders(
  id INTEGER PRIMARY KEY,
  intent_id INTEGER NOT NULL REFERENCES intents(id),
  client_order_id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  role TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL CHECK(side IN ('buy','sell')),
  type TEXT NOT NULL,
  tif TEXT NOT NULL,
  limit_price TEXT,
  trigger_price TEXT,
  quantity TEXT NOT NULL,
  filled TEXT NOT NULL DEFAULT '0',
  reduce_only INTEGER NOT NULL CHECK(reduce_only IN (0,1)),
  post_only INTEGER NOT NULL CHECK(post_only IN (0,1)),
  status TEXT NOT NULL,
  is_open INTEGER NOT NULL CHECK(is_open IN (0,1)),
  exchange_order_id TEXT,
  reason TEXT,
  run_id TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL,
  UNIQUE(epoch, sequence, role, attempt)
) STRICT;
CREATE INDEX orders_open ON orders(is_open) WHERE is_open = 1;
CREATE INDEX orders_by_tenant ON orders(tenant_id, id);

CREATE TABLE fills(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  order_id INTEGER NOT NULL REFERENCES orders(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  exchange_fill_id TEXT NOT NULL,
  pair TEXT NOT NULL,
  side TEXT NOT NULL CHECK(side IN ('buy','sell')),
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  fee TEXT NOT NULL,                  -- positive is a cost
  fee_asset TEXT NOT NULL,
  liquidity TEXT NOT NULL CHECK(liquidity IN ('maker','taker')),
  filled_ns INTEGER NOT NULL,
  UNIQUE(exchange, account_id, exchange_fill_id)
) STRICT;
CREATE INDEX fills_by_tenant ON fills(tenant_id, id);
CREATE INDEX fills_by_order ON fills(order_id);
CREATE INDEX fills_by_time ON fills(filled_ns);

CREATE TABLE trades(
  id INTEGER PRIMARY KEY,
  trade_id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  mode TEXT NOT NULL,
  pair TEXT NOT NULL,
  direction TEXT NOT NULL,
  quantity TEXT NOT NULL,
  entry_price TEXT NOT NULL,
  exit_price TEXT NOT NULL,
  initial_stop TEXT,
  target TEXT,
  strategy TEXT NOT NULL,
  confidence REAL,
  pnl TEXT NOT NULL,
  fees TEXT NOT NULL,
  slippage TEXT NOT NULL,
  r_multiple REAL,
  mae REAL,
  mfe REAL,
  bars INTEGER NOT NULL,
  close_reason TEXT NOT NULL,
  entry_ns INTEGER NOT NULL,
  exit_ns INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX trades_by_tenant ON trades(tenant_id, id);
CREATE INDEX trades_by_exit ON trades(tenant_id, exit_ns);

CREATE TABLE positions(
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  pair TEXT NOT NULL,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  direction TEXT NOT NULL,
  quantity TEXT NOT NULL,             -- 0 when flat
  quantity_initial TEXT NOT NULL,
  entry_price TEXT NOT NULL,
  stop TEXT NOT NULL,
  target TEXT NOT NULL,
  initial_stop TEXT NOT NULL,
  best_since_entry TEXT NOT NULL,
  entry_fees TEXT NOT NULL,
  realized TEXT NOT NULL,
  opened_ns INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  atr_at_entry REAL,
  breakeven_done INTEGER NOT NULL CHECK(breakeven_done IN (0,1)),
  trailing_on INTEGER NOT NULL CHECK(trailing_on IN (0,1)),
  trade_number INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL,
  PRIMARY KEY(account_id, exchange, pair)
) STRICT;

CREATE TABLE risk_state(
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  cash TEXT NOT NULL,
  equity TEXT NOT NULL,
  day_start_equity TEXT NOT NULL,
  peak_equity TEXT NOT NULL,
  day_start_ns INTEGER NOT NULL,
  loss_streak INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  loss_cooldown_until_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL,
  PRIMARY KEY(account_id, exchange)
) STRICT;

CREATE TABLE cooldowns(
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  pair TEXT NOT NULL,
  strategy TEXT NOT NULL,
  direction TEXT NOT NULL,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  pair_until_ns INTEGER NOT NULL,
  strategy_until_ns INTEGER NOT NULL,
  PRIMARY KEY(account_id, exchange, pair, strategy, direction)
) STRICT;

CREATE TABLE control_state(
  tenant_id TEXT PRIMARY KEY REFERENCES tenants(id),
  paused INTEGER NOT NULL CHECK(paused IN (0,1)),
  halted INTEGER NOT NULL CHECK(halted IN (0,1)),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  updated_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE decisions(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  pair TEXT NOT NULL,
  candle_close_ns INTEGER NOT NULL,
  direction TEXT NOT NULL,
  confidence REAL NOT NULL,
  probability REAL NOT NULL,
  expected_r REAL NOT NULL,
  strategy TEXT NOT NULL,
  entry TEXT NOT NULL,
  stop TEXT NOT NULL,
  target TEXT NOT NULL,
  quantity TEXT NOT NULL,
  votes TEXT NOT NULL,                -- JSON
  reason TEXT NOT NULL,
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_tenant ON decisions(tenant_id, id);

CREATE TABLE incidents(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  ts_ns INTEGER NOT NULL,
  client_order_id TEXT,
  what TEXT NOT NULL,
  run_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE watermarks(
  exchange TEXT NOT NULL,
  pair TEXT NOT NULL,
  interval_seconds INTEGER NOT NULL,
  close_ns INTEGER NOT NULL,          -- close time of the newest committed base candle
  PRIMARY KEY(exchange, pair)
) STRICT;

CREATE TABLE audit_log(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default' REFERENCES tenants(id),
  ts_ns INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT,
  outcome TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
