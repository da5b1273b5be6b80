-- Closed candles in packed blocks, and where they came from. Rebuildable by importing or fetching again.
CREATE TABLE series(
  id INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,                -- 'kraken', or 'file' for what was imported without a venue
  pair TEXT NOT NULL,                 -- BASE/QUOTE
  tf_seconds INTEGER NOT NULL CHECK(tf_seconds > 0),
  UNIQUE(venue, pair, tf_seconds)
) STRICT;

-- Blocks of a series do not overlap in time. A table with row ids: the blobs stay out of the index.
CREATE TABLE candle_blocks(
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  first_ns INTEGER NOT NULL,          -- open time of the first candle
  last_ns INTEGER NOT NULL CHECK(last_ns >= first_ns),
  count INTEGER NOT NULL CHECK(count > 0),
  data BLOB NOT NULL,                 -- packed as core/store/candle_block.h says
  UNIQUE(series, first_ns)
) STRICT;

-- What was asked for and taken, so that "no trades" and "not downloaded" differ.
CREATE TABLE sources(
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  name TEXT NOT NULL,                 -- file name, 'stdin', or the venue's endpoint
  from_ns INTEGER NOT NULL,           -- the range that was covered
  to_ns INTEGER NOT NULL CHECK(to_ns > from_ns),
  rows INTEGER NOT NULL,              -- candles taken
  duplicates INTEGER NOT NULL,        -- rows dropped as equal to one before
  rejected INTEGER NOT NULL,          -- rows dropped otherwise
  content_hash TEXT NOT NULL,         -- SHA-256 of these candles
  chain_hash TEXT NOT NULL,           -- SHA-256 of the chain_hash before and this content_hash
  at_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX sources_of_series ON sources(series, from_ns);
