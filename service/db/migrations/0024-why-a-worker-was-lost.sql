-- Why an operation that comes back again and again does so: whoever reads its end has to know what to mend. `losses` is what
-- lost_leases was then: where that has risen since, the last worker went without a word, as one that is killed does.
ALTER TABLE gatehouse.operations
  ADD COLUMN last_loss jsonb CHECK (jsonb_typeof(last_loss -> 'why') = 'string' AND jsonb_typeof(last_loss -> 'losses') = 'number');
