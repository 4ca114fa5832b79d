-- The simulated AWS account: one copy for every process. Nothing here is ever in one transaction with the product's own
-- tables, as nothing in AWS is.
CREATE SCHEMA simulated_aws;

CREATE TABLE simulated_aws.resources (
  account text NOT NULL CHECK (account ~ '^\d{12}$'),
  region text NOT NULL,
  type text NOT NULL,
  id text NOT NULL,
  inputs jsonb NOT NULL CHECK (jsonb_typeof(inputs) = 'object'),
  outputs jsonb NOT NULL CHECK (jsonb_typeof(outputs) = 'object'),
  state jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(state) = 'object'),
  origin text NOT NULL CHECK (origin IN ('provider', 'aws', 'person')),
  deletion_date timestamptz,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (type, id, account, region)
);

CREATE INDEX resources_by_place ON simulated_aws.resources (type, account, region);
CREATE INDEX resources_by_outputs ON simulated_aws.resources USING gin (outputs jsonb_path_ops);
-- Bucket names are shared by all accounts.
CREATE UNIQUE INDEX resources_bucket_names ON simulated_aws.resources (id) WHERE type = 'aws:s3/bucket:Bucket';

-- Every write that changed something, so that tests can see from outside that nothing was applied twice.
CREATE TABLE simulated_aws.calls (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  account text NOT NULL,
  region text NOT NULL,
  type text NOT NULL,
  id text NOT NULL,
  verb text NOT NULL CHECK (verb IN ('create', 'update', 'delete'))
);

-- Faults to inject: the first row that fits a write is used up by one.
CREATE TABLE simulated_aws.faults (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- LIKE pattern over the type token; verb null fits all.
  type_pattern text NOT NULL DEFAULT '%',
  verb text CHECK (verb IN ('create', 'update', 'delete')),
  -- LIKE pattern over the id; at create over the logical name.
  name_pattern text NOT NULL DEFAULT '%',
  remaining integer NOT NULL DEFAULT 1 CHECK (remaining >= 0),
  latency_ms integer NOT NULL DEFAULT 0 CHECK (latency_ms >= 0),
  error_code text,
  message text,
  -- The process ends before or after the write.
  crash text CHECK (crash IN ('before', 'after')),
  CHECK ((error_code IS NULL) = (message IS NULL))
);
