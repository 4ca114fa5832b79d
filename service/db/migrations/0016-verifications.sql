-- Verifications, and the nodes and sessions of the simulated account.

-- What a verification found; null for every other kind, and until it has ended.
ALTER TABLE gatehouse.operations ADD COLUMN verification jsonb CHECK (jsonb_typeof(verification) = 'object');

-- Nodes that carried an environment's tag when it was last verified: one that lost it since is named.
CREATE TABLE gatehouse.known_nodes (
  stack text NOT NULL REFERENCES gatehouse.stacks (name) ON DELETE CASCADE,
  account text NOT NULL,
  region text NOT NULL,
  node text NOT NULL,
  -- Its tag Name, for people.
  name text,
  seen_at timestamptz(3) NOT NULL,
  PRIMARY KEY (stack, account, region, node)
);

-- Inventories that were put into the simulated account: each once.
CREATE TABLE simulated_aws.inventories (
  name text PRIMARY KEY,
  put_at timestamptz NOT NULL
);

CREATE TABLE simulated_aws.nodes (
  account text NOT NULL CHECK (account ~ '^\d{12}$'),
  region text NOT NULL,
  id text NOT NULL CHECK (id ~ '^m?i-[0-9a-f]+$'),
  tags jsonb NOT NULL CHECK (jsonb_typeof(tags) = 'object'),
  -- Of EC2 instances only.
  instance_state text,
  -- Null: it has never registered with Systems Manager.
  agent_version text,
  ping_status text CHECK (ping_status IN ('online', 'connection_lost', 'inactive')),
  last_ping_at timestamptz,
  role text,
  PRIMARY KEY (account, region, id),
  CHECK ((id LIKE 'i-%') = (instance_state IS NOT NULL)),
  CHECK ((agent_version IS NULL) = (ping_status IS NULL))
);

CREATE TABLE simulated_aws.sessions (
  account text NOT NULL CHECK (account ~ '^\d{12}$'),
  region text NOT NULL,
  id text NOT NULL,
  owner text NOT NULL,
  target text NOT NULL,
  document_name text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz CHECK (ended_at >= started_at),
  -- Where its log stream and its object lie; null: it wrote none.
  log_group text,
  bucket text,
  object_key text,
  PRIMARY KEY (account, region, id),
  CHECK ((bucket IS NULL) = (object_key IS NULL))
);
CREATE INDEX sessions_newest ON simulated_aws.sessions (account, region, started_at DESC);
CREATE INDEX sessions_objects ON simulated_aws.sessions (bucket, object_key);
