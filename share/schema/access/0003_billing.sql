-- Who pays for which tenant, and what the payment service told. An event is stored together with its work.
CREATE TABLE billing_accounts(
  tenant_id TEXT PRIMARY KEY REFERENCES tenants(id),
  customer_id TEXT UNIQUE,
  subscription_id TEXT UNIQUE,
  updated_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE billing_events(
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  created_ns INTEGER NOT NULL,        -- over there
  received_ns INTEGER NOT NULL,
  body_sha256 TEXT NOT NULL,
  named_tenant TEXT NOT NULL,         -- in its metadata; empty: none
  customer_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  plan TEXT NOT NULL,
  is_paid INTEGER NOT NULL,           -- of a checkout: nothing is left to pay
  state TEXT NOT NULL CHECK(state IN ('waiting','done','ignored','refused')),
  detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX billing_events_waiting ON billing_events(received_ns) WHERE state = 'waiting';
