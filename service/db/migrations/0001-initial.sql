-- Stacks (environments and foundations), operations, and what several stacks share. Typed in service/db/schema.ts.

CREATE TABLE gatehouse.stacks (
  name text PRIMARY KEY,
  sequence bigserial NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('environment', 'foundation')),
  team text NOT NULL,
  status text NOT NULL CHECK (
    status IN ('pending', 'active', 'changing', 'failed', 'needs_recovery', 'destroying', 'destroyed')
  ),
  revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
  spec jsonb CHECK (jsonb_typeof(spec) = 'object'),
  arguments jsonb CHECK (jsonb_typeof(arguments) = 'object'),
  outputs jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(outputs) = 'object'),
  resources jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(resources) = 'array'),
  outdated boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT stacks_name_says_kind CHECK (name LIKE kind || '/%')
);

CREATE INDEX stacks_list ON gatehouse.stacks (kind, name);
-- Who else uses a group's or a permission set's name, or names a person. The expressions are those of service/store/stacks.ts.
CREATE INDEX stacks_group_name ON gatehouse.stacks ((spec #>> '{group,name}'));
CREATE INDEX stacks_permission_set_name ON gatehouse.stacks ((spec #>> '{permissionSet,name}'));
CREATE INDEX stacks_members ON gatehouse.stacks USING gin ((spec #> '{group,members}') jsonb_path_ops);
CREATE INDEX stacks_bucket_name ON gatehouse.stacks ((spec #>> '{logArchive,bucketName}'));
CREATE INDEX stacks_key_prefix ON gatehouse.stacks (((spec #>> '{logging,s3,keyPrefix}') COLLATE "C"));
CREATE INDEX stacks_targets ON gatehouse.stacks USING gin ((spec -> 'targets') jsonb_path_ops);
CREATE INDEX stacks_last_targets ON gatehouse.stacks USING gin ((arguments -> 'targets') jsonb_path_ops);

CREATE TABLE gatehouse.operations (
  id uuid PRIMARY KEY,
  sequence bigserial NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('preview', 'up', 'destroy', 'refresh', 'drift_check', 'verification')),
  preview_of text CHECK (preview_of IN ('up', 'destroy')),
  action text NOT NULL CHECK (action IN ('preview', 'up')),
  stack text NOT NULL REFERENCES gatehouse.stacks (name),
  team text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'canceled', 'needs_recovery')),
  requested_by text NOT NULL,
  on_behalf_of text,
  spec jsonb NOT NULL CHECK (jsonb_typeof(spec) = 'object'),
  arguments jsonb CHECK (jsonb_typeof(arguments) = 'object'),
  plan_digest text,
  digest text,
  changes jsonb CHECK (jsonb_typeof(changes) = 'object'),
  steps jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(steps) = 'array'),
  warnings jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(warnings) = 'array'),
  diagnostics jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(diagnostics) = 'array'),
  cost jsonb CHECK (jsonb_typeof(cost) = 'object'),
  outputs jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(outputs) = 'object'),
  problem jsonb CHECK (jsonb_typeof(problem) = 'object'),
  progress jsonb CHECK (jsonb_typeof(progress) = 'object'),
  approval_state text CHECK (approval_state IN ('not_required', 'pending', 'approved', 'rejected', 'void')),
  approvals_required integer NOT NULL DEFAULT 0 CHECK (approvals_required BETWEEN 0 AND 5),
  superseded_by uuid REFERENCES gatehouse.operations (id) DEFERRABLE INITIALLY DEFERRED,
  continues uuid REFERENCES gatehouse.operations (id) DEFERRABLE INITIALLY DEFERRED,
  continued_by uuid REFERENCES gatehouse.operations (id) DEFERRABLE INITIALLY DEFERRED,
  engine text NOT NULL CHECK (engine IN ('sandbox', 'automation')),
  cloud text NOT NULL CHECK (cloud IN ('simulated', 'aws')),
  attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  apply_started_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  CONSTRAINT operations_previews_say_of_what CHECK ((kind = 'preview') = (preview_of IS NOT NULL)),
  CONSTRAINT operations_previews_are_approved CHECK ((kind = 'preview') = (approval_state IS NOT NULL)),
  CONSTRAINT operations_running_have_started CHECK (status <> 'running' OR (started_at IS NOT NULL AND attempt > 0)),
  CONSTRAINT operations_over_have_finished CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL)),
  CONSTRAINT operations_failed_say_why CHECK (status <> 'failed' OR problem IS NOT NULL)
);

-- One at a time per stack, whatever the queue does.
CREATE UNIQUE INDEX operations_one_running_per_stack ON gatehouse.operations (stack) WHERE status = 'running';
-- A preview is applied once.
CREATE UNIQUE INDEX operations_one_continuation ON gatehouse.operations (continues) WHERE continues IS NOT NULL;
CREATE INDEX operations_unfinished ON gatehouse.operations (stack, sequence) WHERE status IN ('queued', 'running');
CREATE INDEX operations_by_stack ON gatehouse.operations (stack, sequence DESC);
CREATE INDEX operations_by_status ON gatehouse.operations (status, sequence DESC);
CREATE INDEX operations_by_team ON gatehouse.operations (team, sequence DESC);
CREATE INDEX operations_by_approval ON gatehouse.operations (approval_state, sequence DESC)
  WHERE approval_state IS NOT NULL;
-- Names that work under way is about to take.
CREATE INDEX operations_unfinished_group_name ON gatehouse.operations ((spec #>> '{group,name}'))
  WHERE status IN ('queued', 'running');
CREATE INDEX operations_unfinished_permission_set_name ON gatehouse.operations ((spec #>> '{permissionSet,name}'))
  WHERE status IN ('queued', 'running');
CREATE INDEX operations_unfinished_bucket_name ON gatehouse.operations ((spec #>> '{logArchive,bucketName}'))
  WHERE status IN ('queued', 'running');
CREATE INDEX operations_unfinished_key_prefix
  ON gatehouse.operations (((spec #>> '{logging,s3,keyPrefix}') COLLATE "C")) WHERE status IN ('queued', 'running');
CREATE INDEX operations_unfinished_members ON gatehouse.operations USING gin ((spec #> '{group,members}') jsonb_path_ops)
  WHERE status IN ('queued', 'running');

CREATE TABLE gatehouse.people (
  user_name text PRIMARY KEY,
  owner_stack text REFERENCES gatehouse.stacks (name)
);
CREATE INDEX people_by_owner ON gatehouse.people (owner_stack);

CREATE TABLE gatehouse.retained_resources (
  account text NOT NULL,
  region text NOT NULL,
  type text NOT NULL,
  id text NOT NULL,
  stack text NOT NULL REFERENCES gatehouse.stacks (name),
  retained_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account, region, type, id)
);
CREATE INDEX retained_resources_by_stack ON gatehouse.retained_resources (stack);
CREATE INDEX retained_resources_by_id ON gatehouse.retained_resources (id);

CREATE TABLE gatehouse.api_keys (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'requester', 'approver', 'admin')),
  -- SHA-256 of the key, in hexadecimal. The key itself is kept nowhere.
  key_hash text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz(3) NOT NULL
);

-- Keys that the service makes for itself and all its processes share.
CREATE TABLE gatehouse.service_keys (
  name text PRIMARY KEY,
  value text NOT NULL
);
