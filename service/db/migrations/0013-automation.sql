-- What the automation engine (the real Pulumi CLI) keeps beside Pulumi's own state: service/engine/automation/.
CREATE SCHEMA automation;

-- One row for each stack that the backend was asked to make.
CREATE TABLE automation.stacks (
  stack text PRIMARY KEY,
  -- Pulumi.<stack>.yaml: the salt, or the encrypted key, without which what is secret in the state cannot be read again.
  settings jsonb NOT NULL,
  -- What the stack held after its last run (StackResource), and its outputs with secrets masked.
  resources jsonb NOT NULL DEFAULT '[]',
  outputs jsonb NOT NULL DEFAULT '{}',
  -- Keyed digest of the arguments that were applied last: the CLI masks secrets, so a plan alone does not tell them apart.
  applied_arguments text
);

-- Which run may change a stack, and how far its operation came; as sandbox.fences.
CREATE TABLE automation.fences (
  stack text PRIMARY KEY,
  -- The highest that began.
  fence bigint NOT NULL,
  operation_id text NOT NULL,
  -- What the operation set out to do when it began to apply; null before.
  planned jsonb
);

CREATE TABLE automation.done_steps (
  stack text NOT NULL,
  operation_id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  step jsonb NOT NULL,
  PRIMARY KEY (stack, position)
);

-- CLI processes, noted before they run anything: whoever finds one that its owner left can prove whose it is, and end it.
CREATE TABLE automation.processes (
  id uuid PRIMARY KEY,
  stack text NOT NULL,
  fence bigint NOT NULL,
  operation_id text NOT NULL,
  -- preview, up, destroy, recover
  kind text NOT NULL,
  host text NOT NULL,
  boot_id text NOT NULL,
  pid integer NOT NULL,
  -- As the kernel tells it: with it a process id that was given out again is told from the first.
  start_time text NOT NULL,
  session integer NOT NULL,
  work_directory text NOT NULL,
  started_at timestamptz NOT NULL,
  -- When the whole session was seen to be gone.
  ended_at timestamptz
);
CREATE INDEX processes_living ON automation.processes (stack) WHERE ended_at IS NULL;

-- Writes to the account that the CLI told the begin of and not the end.
CREATE TABLE automation.begun_writes (
  stack text NOT NULL,
  urn text NOT NULL,
  operation_id text NOT NULL,
  fence bigint NOT NULL,
  type text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('creating', 'updating', 'deleting')),
  -- The resource's id where it had one.
  id text,
  -- What a later lookup needs: inputs with secrets masked, and where it was to be made.
  draft jsonb,
  started_at timestamptz NOT NULL,
  PRIMARY KEY (stack, urn, kind)
);
