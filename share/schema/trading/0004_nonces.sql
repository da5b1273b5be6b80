-- No nonce of a key above its mark was ever used (core/ports/nonce_store.h). The key is named by the hash of
-- its public part.
CREATE TABLE nonces(
  key_id TEXT PRIMARY KEY,
  high_water INTEGER NOT NULL CHECK(high_water >= 0),
  updated_ns INTEGER NOT NULL
) STRICT;
