-- Orders that end by themselves, fees in the base asset, and positions that are on their way out whatever becomes of the order.
ALTER TABLE orders ADD COLUMN good_till_ns INTEGER NOT NULL DEFAULT 0;   -- 0: until it ends otherwise
ALTER TABLE positions ADD COLUMN closing TEXT NOT NULL DEFAULT 'none';   -- reason of the exit, or none
ALTER TABLE fills ADD COLUMN base_fee TEXT NOT NULL DEFAULT '0';         -- taken in the base asset
