-- Closed candles in packed blocks; rebuildable from what was imported or fetched.
CREATE TABLE series(
  id INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,
  pair TEXT NOT NULL,                 -- BASE/QUOTE
  tf_seconds INTEGER NOT NULL CHECK(tf_seconds > 0),
  UNIQUE(venue, pair, tf_seconds)
) STRICT;

CREATE TABLE candle_blocks(
  series INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  first_ns INTEGER NOT NULL,          -- open time of the first candle
  last_ns INTEGER NOT NULL,           -- open time of the last candle
  count INTEGER NOT NULL CHECK(count > 0),
  data BLOB NOT NULL,                 -- packed as core/store/candle_store.cpp says
  PRIMARY KEY(series, first_ns)
) STRICT, WITHOUT ROWID;
