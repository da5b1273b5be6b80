-- Who there is besides the owner of the engine, and what people leave behind at the page.
CREATE TABLE tenants(
  id TEXT PRIMARY KEY,                -- [a-z0-9_-]{1,32}
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('active','trialing','past_due','canceled','incomplete','suspended')),
  plan TEXT NOT NULL DEFAULT 'free',
  past_due_since_ns INTEGER,
  created_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL
) STRICT;
INSERT INTO tenants VALUES('default', 'default', 'active', 'free', NULL, 0, 0);
-- Keys that were made for others before there was a table of tenants.
INSERT OR IGNORE INTO tenants SELECT DISTINCT tenant_id, tenant_id, 'active', 'free', NULL, 0, 0 FROM api_keys;

CREATE TABLE preferences(
  tenant_id TEXT NOT NULL REFERENCES tenants(id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_ns INTEGER NOT NULL,
  PRIMARY KEY(tenant_id, key)
) STRICT;

CREATE TABLE alert_acks(
  tenant_id TEXT NOT NULL REFERENCES tenants(id),
  alert_id INTEGER NOT NULL,          -- of the thought log, which may begin anew: the time tells
  ts_ns INTEGER NOT NULL,
  acked_ns INTEGER NOT NULL,
  acked_by TEXT NOT NULL,
  PRIMARY KEY(tenant_id, alert_id, ts_ns)
) STRICT;

CREATE INDEX audit_by_tenant ON audit_log(tenant_id, id);
