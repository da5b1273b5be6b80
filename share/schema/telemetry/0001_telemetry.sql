-- What people look at and may lose: thoughts and equity over time.
CREATE TABLE thought_log(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default',
  account_id TEXT,
  ts_ns INTEGER NOT NULL,
  category TEXT NOT NULL,             -- decision, incident, notice
  message TEXT NOT NULL,
  severity TEXT NOT NULL CHECK(severity IN ('debug','info','warning','error','critical')),
  metadata TEXT                       -- JSON; json_valid() may not stand in a CHECK with trusted_schema off
) STRICT;
CREATE INDEX thought_by_tenant ON thought_log(tenant_id, id);
CREATE INDEX thought_by_time ON thought_log(ts_ns);

CREATE TABLE equity_snapshots(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default',
  account_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  ts_ns INTEGER NOT NULL,
  equity TEXT NOT NULL,
  cash TEXT NOT NULL,
  peak TEXT NOT NULL,
  drawdown REAL NOT NULL,
  UNIQUE(account_id, exchange, ts_ns)
) STRICT;

CREATE TABLE metrics(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT 'default',
  ts_ns INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  tags TEXT
) STRICT;
CREATE INDEX metrics_by_name ON metrics(name, ts_ns);
CREATE INDEX metrics_by_tenant ON metrics(tenant_id);
