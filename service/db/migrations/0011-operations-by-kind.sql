-- A kind of which there are few (a recovery, a drift check) was looked for in all operations there are, newest first.
CREATE INDEX operations_by_kind ON gatehouse.operations (kind, sequence DESC);
