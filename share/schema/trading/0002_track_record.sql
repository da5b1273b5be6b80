-- What a desk knows of its edge, and all that a position carries, survive a restart with the very numbers.
ALTER TABLE trades ADD COLUMN voters TEXT NOT NULL DEFAULT '';       -- "keltner:0.6,trend:0.4"
ALTER TABLE trades ADD COLUMN trend_regime TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE trades ADD COLUMN volatility_regime TEXT NOT NULL DEFAULT 'unknown';

ALTER TABLE positions ADD COLUMN entry_cost TEXT NOT NULL DEFAULT '0';   -- negative for a short
ALTER TABLE positions ADD COLUMN fees TEXT NOT NULL DEFAULT '0';
ALTER TABLE positions ADD COLUMN slippage TEXT NOT NULL DEFAULT '0';
ALTER TABLE positions ADD COLUMN worst TEXT NOT NULL DEFAULT '0';
ALTER TABLE positions ADD COLUMN exit_price TEXT NOT NULL DEFAULT '0';   -- average, of the parts closed
ALTER TABLE positions ADD COLUMN exited TEXT NOT NULL DEFAULT '0';
ALTER TABLE positions ADD COLUMN initial_target TEXT NOT NULL DEFAULT '0';
ALTER TABLE positions ADD COLUMN confidence REAL;
ALTER TABLE positions ADD COLUMN bars INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN stages INTEGER NOT NULL DEFAULT 0;      -- exit stages applied, a bit each
ALTER TABLE positions ADD COLUMN trend_regime TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE positions ADD COLUMN volatility_regime TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE positions ADD COLUMN voters TEXT NOT NULL DEFAULT '';

ALTER TABLE risk_state ADD COLUMN probation_since_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risk_state ADD COLUMN probation_trades INTEGER NOT NULL DEFAULT 0;
