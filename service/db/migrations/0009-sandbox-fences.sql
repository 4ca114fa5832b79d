-- Which run may change a stack's checkpoint, and how far its operation came: service/engine/sandbox/fence.ts.
CREATE TABLE sandbox.fences (
  stack text PRIMARY KEY,
  -- The highest that began. A write to the checkpoint names its own and is refused by any other.
  fence bigint NOT NULL,
  -- Name of the database sessions that the run works through, while it does; null once it has ended in order.
  runner text,
  operation_id text NOT NULL,
  -- What the operation set out to do when it began to apply; null before.
  planned jsonb
);

-- What of it was done; written together with the resource that it is about.
CREATE TABLE sandbox.done_steps (
  stack text NOT NULL,
  operation_id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  step jsonb NOT NULL,
  PRIMARY KEY (stack, position)
);

-- What a create or update in doubt is to be recorded as, and the resource that a create takes the place of. Noted by the
-- clock of the process that asks the account.
ALTER TABLE sandbox.pending_operations
  ADD COLUMN draft jsonb,
  ADD COLUMN replaces integer;
