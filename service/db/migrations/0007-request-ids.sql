-- Which call made an operation: logs of whatever process works on it name the same id as the log of the call.
ALTER TABLE gatehouse.operations ADD COLUMN request_id text;

-- Counted whenever metrics are read; what is queued and running is counted over operations_unfinished.
CREATE INDEX stacks_needing_recovery ON gatehouse.stacks (name) WHERE status = 'needs_recovery';
