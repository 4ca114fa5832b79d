-- Checkpoints of the sandbox engine: what each stack held after its last run. The account has a schema of its own and is
-- never written in one transaction with these tables, as with AWS.
CREATE SCHEMA sandbox;

CREATE TABLE sandbox.stacks (
  name text PRIMARY KEY,
  -- { values, secrets }: plain JSON and the places of secrets in it.
  outputs jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE sandbox.resources (
  stack text NOT NULL,
  -- Order in which the stack took it.
  sequence integer NOT NULL,
  urn text NOT NULL,
  -- Replaced, and still to be deleted.
  pending_delete boolean NOT NULL,
  state jsonb NOT NULL,
  PRIMARY KEY (stack, sequence)
);

CREATE UNIQUE INDEX resources_one_per_urn ON sandbox.resources (stack, urn) WHERE NOT pending_delete;

-- Written before the account is asked, cleared with its answer: what is left here after a crash may have happened.
CREATE TABLE sandbox.pending_operations (
  stack text NOT NULL,
  urn text NOT NULL,
  type text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('creating', 'updating', 'deleting')),
  resource_id text,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (stack, urn),
  CHECK ((kind = 'creating') = (resource_id IS NULL))
);
