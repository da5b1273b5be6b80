-- Who may ask for what: keys (never the keys themselves), the password of the page, and who did what with them.
-- Beside the ledger, so that a key can be made or revoked while a daemon writes that.
CREATE TABLE api_keys(
  key_id TEXT PRIMARY KEY,            -- 10 characters of base32, part of the key
  key_hash TEXT NOT NULL UNIQUE,      -- HMAC-SHA-256 of the secret part under the pepper, hexadecimal
  tenant_id TEXT NOT NULL,
  scope TEXT NOT NULL CHECK(scope IN ('read','control','admin')),
  label TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  expires_ns INTEGER,                 -- null: never
  last_used_ns INTEGER,               -- rounded down to the hour
  revoked_ns INTEGER
) STRICT;
CREATE INDEX api_keys_by_tenant ON api_keys(tenant_id);

CREATE TABLE passwords(
  username TEXT PRIMARY KEY,
  record TEXT NOT NULL,               -- scrypt: cost, salt and hash
  updated_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_log(
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  ts_ns INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT,
  outcome TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
