-- What housekeeping asks: what ended before an instant. And, for each operation that is removed, whether another one still
-- names it, which the foreign keys ask too.
CREATE INDEX operations_by_end ON gatehouse.operations (finished_at);
CREATE INDEX operations_by_continuation ON gatehouse.operations (continued_by) WHERE continued_by IS NOT NULL;
CREATE INDEX operations_by_successor ON gatehouse.operations (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX operations_by_recovered ON gatehouse.operations (recovers) WHERE recovers IS NOT NULL;
