-- What the online learner beside a model has learnt (core/store/gate_text.h); empty: nothing yet.
ALTER TABLE gate_tests ADD COLUMN learner TEXT NOT NULL DEFAULT '';
