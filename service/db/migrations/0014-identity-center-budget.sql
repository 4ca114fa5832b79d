-- The budget of Identity Center's limits, over all stacks, workers and processes: docs/identity-center-budget.md. Runs cannot
-- be slowed down once they work, so each takes its share with its claim, and waits in the queue where there is none.

-- What the shares of all runs may come to at once. An operator whose instance has other quotas, or other users, changes the row.
CREATE TABLE gatehouse.identity_center_budget (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Requests a second to sso-admin. Of AWS's 20, two are left to previews and readers, which ask little and do not wait.
  requests numeric NOT NULL DEFAULT 18 CHECK (requests > 0),
  -- Assignment writes under way.
  assignments integer NOT NULL DEFAULT 15 CHECK (assignments > 0),
  -- Permission sets being provisioned.
  provisionings integer NOT NULL DEFAULT 3 CHECK (provisionings > 0),
  -- Requests a second to each operation of the identity store.
  store_requests numeric NOT NULL DEFAULT 20 CHECK (store_requests >= 5)
);
INSERT INTO gatehouse.identity_center_budget DEFAULT VALUES;

ALTER TABLE gatehouse.operations
  -- What its run asks of Identity Center; null: nothing that counts. { assignments, provisionings, requests, storeRequests }
  ADD COLUMN identity_center_demand jsonb CHECK (jsonb_typeof(identity_center_demand) = 'object'),
  -- What it holds while it runs under a lease: the same, and { parallelism }.
  ADD COLUMN identity_center_share jsonb CHECK (jsonb_typeof(identity_center_share) = 'object'),
  -- The first of those that wait for a share: nobody who needs one gets in front of it.
  ADD COLUMN identity_center_next boolean NOT NULL DEFAULT false,
  -- How often it ran into a limit of AWS all the same and was run again.
  ADD COLUMN throttled integer NOT NULL DEFAULT 0 CHECK (throttled >= 0);

-- Shares that are held: by what runs under a lease. A killed worker's comes back with its lease, whoever takes it over.
CREATE VIEW gatehouse.identity_center_use AS
SELECT
  coalesce(sum((identity_center_share ->> 'requests')::numeric), 0) AS requests,
  coalesce(sum((identity_center_share ->> 'assignments')::integer), 0) AS assignments,
  coalesce(sum((identity_center_share ->> 'provisionings')::integer), 0) AS provisionings,
  coalesce(sum((identity_center_share ->> 'storeRequests')::numeric), 0) AS store_requests
FROM gatehouse.operations
WHERE status = 'running' AND identity_center_share IS NOT NULL AND lease_until >= clock_timestamp();

-- The share of a run with this demand when so much is free; null when it does not fit and has to wait. A run that would take
-- more than its part of what is there for all works on fewer resources at once.
--
-- `peers`: how many could run side by side. One resource at a time is 0.8 requests a second of an assignment (four requests in
-- ten seconds at the fastest, twice that for requests that come together), and 5 a second of an operation of the identity
-- store (each step makes two requests, of a tenth of a second).
CREATE FUNCTION gatehouse.identity_center_share(
  demand jsonb, peers integer, budget gatehouse.identity_center_budget, held gatehouse.identity_center_use
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  wanted integer := (demand ->> 'assignments')::integer;
  provisionings integer := (demand ->> 'provisionings')::integer;
  wanted_store numeric := (demand ->> 'storeRequests')::numeric;
  free_assignments integer := budget.assignments - held.assignments;
  free_store numeric := budget.store_requests - held.store_requests;
  assignments integer;
  store numeric;
  parallelism integer;
  requests numeric;
BEGIN
  assignments := least(wanted, free_assignments, greatest(1, ceil(budget.assignments::numeric / peers)::integer));
  store := least(wanted_store, free_store, greatest(5, budget.store_requests / peers));
  IF wanted > 0 AND assignments < 1 THEN RETURN NULL; END IF;
  IF wanted_store > 0 AND store < least(wanted_store, 5) THEN RETURN NULL; END IF;
  IF least(provisionings, budget.provisionings) > budget.provisionings - held.provisionings THEN RETURN NULL; END IF;
  parallelism := least(
    CASE WHEN assignments < wanted THEN assignments END,
    CASE WHEN store < wanted_store THEN floor(store / 5)::integer END,
    (demand ->> 'parallelism')::integer
  );
  IF parallelism IS NOT NULL THEN
    assignments := least(assignments, parallelism);
    store := least(wanted_store, 5 * parallelism);
  END IF;
  -- Never more than there is in all: what is alone gets it.
  requests := least(budget.requests, greatest((demand ->> 'requests')::numeric, 0.8 * assignments));
  IF requests > budget.requests - held.requests THEN RETURN NULL; END IF;
  RETURN jsonb_build_object('assignments', assignments, 'provisionings', provisionings, 'requests', requests,
    'storeRequests', store, 'parallelism', parallelism);
END
$$;

-- As in 0008-leases.sql, and with the share of Identity Center's limits. The first that finds none waits in front: those behind
-- it that need one wait too, so that it is not kept from its turn by ever more small ones. What needs none goes on.
--
-- `places`: how many operations the worker's process carries out at once.
DROP FUNCTION gatehouse.claim_operation(text, interval, timestamptz);
CREATE FUNCTION gatehouse.claim_operation(worker text, lease interval, at timestamptz, places integer DEFAULT 1)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  candidate record;
  next_fence bigint;
  budget gatehouse.identity_center_budget;
  held gatehouse.identity_center_use;
  share jsonb;
  exhausted boolean := false;
  peers integer;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 1);
  FOR candidate IN
    SELECT next.id, next.team, next.blocked_by, next.waiting_for, asked.identity_center_demand AS demand,
      next.due AND next.blocked_by IS NULL AS free,
      count(asked.identity_center_demand) FILTER (WHERE next.due AND next.blocked_by IS NULL) OVER () AS demanding
    FROM gatehouse.next_operations AS next
    JOIN gatehouse.operations AS asked ON asked.id = next.id
    LEFT JOIN (
      SELECT operations.team, count(*) AS running FROM gatehouse.operations WHERE operations.status = 'running' GROUP BY 1
    ) AS busy ON busy.team = next.team
    LEFT JOIN gatehouse.team_turns ON team_turns.team = next.team
    WHERE (next.due AND next.blocked_by IS NULL) OR next.blocked_by IS DISTINCT FROM next.waiting_for
    ORDER BY free, next.status = 'running' DESC, asked.identity_center_next DESC, coalesce(busy.running, 0),
      coalesce(team_turns.turn, 0), next.sequence
  LOOP
    -- Behind one that waits for its share, and said to be waiting already.
    CONTINUE WHEN candidate.free AND exhausted AND candidate.demand IS NOT NULL
      AND candidate.waiting_for = 'identity-center';
    -- Rows that somebody else has locked are left: a claim waits for nobody.
    PERFORM 1 FROM gatehouse.operations WHERE operations.id = candidate.id FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT found;
    IF NOT candidate.free THEN
      -- For people to see what it waits for.
      UPDATE gatehouse.operations SET waiting_for = candidate.blocked_by
        WHERE operations.id = candidate.id AND operations.status = 'queued';
      CONTINUE;
    END IF;
    share := NULL;
    IF candidate.demand IS NOT NULL THEN
      IF NOT exhausted THEN
        SELECT * INTO budget FROM gatehouse.identity_center_budget;
        SELECT * INTO held FROM gatehouse.identity_center_use;
        peers := greatest(1, least(candidate.demanding, places)::integer);
        share := gatehouse.identity_center_share(candidate.demand, peers, budget, held);
      END IF;
      IF share IS NULL THEN
        UPDATE gatehouse.operations SET waiting_for = 'identity-center', identity_center_next = NOT exhausted
          WHERE operations.id = candidate.id AND operations.status = 'queued';
        exhausted := true;
        CONTINUE;
      END IF;
    END IF;
    next_fence := nextval('gatehouse.operation_fences');
    -- Looked at once more: it may have changed before it was locked.
    UPDATE gatehouse.operations SET
      status = 'running',
      attempt = attempt + 1,
      fence = next_fence,
      lost_leases = lost_leases + CASE status WHEN 'running' THEN 1 ELSE 0 END,
      lease_owner = worker,
      lease_until = clock_timestamp() + lease,
      available_at = NULL,
      waiting_for = NULL,
      identity_center_next = false,
      identity_center_share = share,
      -- It may have waited for its turn: it starts when it is taken, after what ran before it ended.
      started_at = coalesce(started_at, greatest(at, clock_timestamp()))
    WHERE operations.id = candidate.id
      AND (status = 'queued' OR (status = 'running' AND coalesce(lease_until, '-infinity') < clock_timestamp()));
    CONTINUE WHEN NOT found;
    INSERT INTO gatehouse.team_turns (team, turn) VALUES (candidate.team, next_fence)
      ON CONFLICT (team) DO UPDATE SET turn = excluded.turn;
    RETURN candidate.id;
  END LOOP;
  RETURN NULL;
END
$$;

-- The simulated account's own count of the same limits: off unless the row is there.
CREATE TABLE simulated_aws.identity_center_limits (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- In each sliding second, over the operations of sso-admin together.
  requests integer NOT NULL DEFAULT 20,
  assignments integer NOT NULL DEFAULT 15,
  provisionings integer NOT NULL DEFAULT 3,
  -- In each sliding second, of each operation of the identity store.
  store_requests integer NOT NULL DEFAULT 20,
  -- How long AWS takes, in seconds: for a request, an assignment, a provisioning.
  request_seconds numeric NOT NULL DEFAULT 0.1,
  assignment_seconds numeric NOT NULL DEFAULT 9.5,
  provisioning_seconds numeric NOT NULL DEFAULT 4.5,
  -- How long a simulated second lasts, in seconds: all times here are of simulated ones.
  second numeric NOT NULL DEFAULT 1 CHECK (second > 0)
);

-- Every request while the limits are on; `refused` where it was one too many.
CREATE TABLE simulated_aws.identity_center_requests (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  service text NOT NULL CHECK (service IN ('sso-admin', 'identitystore')),
  operation text NOT NULL,
  refused text
);
CREATE INDEX identity_center_requests_by_time ON simulated_aws.identity_center_requests (at);

-- What AWS has under way, and had.
CREATE TABLE simulated_aws.identity_center_outstanding (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('assignment', 'provisioning')),
  -- The permission set's ARN; of an assignment the account too. A role of an account is changed by one at a time.
  permission_set text NOT NULL,
  account text,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL
);
CREATE INDEX identity_center_outstanding_by_end ON simulated_aws.identity_center_outstanding (until);

-- Counts a request, and what it leaves under way (kind null: nothing). Gives the limit that it is beyond, or null. Requests are
-- counted one after the other, by this server's clock; one that is refused counts as a request and leaves nothing under way.
CREATE FUNCTION simulated_aws.identity_center_request(
  limits simulated_aws.identity_center_limits, of_service text, of_operation text, of_kind text, of_set text, of_account text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz;
  beyond text;
  lasting numeric := CASE of_kind WHEN 'assignment' THEN limits.assignment_seconds ELSE limits.provisioning_seconds END;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 2);
  moment := clock_timestamp();
  beyond := CASE
    WHEN (SELECT count(*) FROM simulated_aws.identity_center_requests AS past
          WHERE past.at > moment - make_interval(secs => limits.second::float8) AND past.service = of_service
            AND (of_service = 'sso-admin' OR past.operation = of_operation))
      >= CASE of_service WHEN 'sso-admin' THEN limits.requests ELSE limits.store_requests END THEN 'rate'
    WHEN of_kind IS NOT NULL AND (SELECT count(*) FROM simulated_aws.identity_center_outstanding AS under_way
          WHERE under_way.until > moment AND under_way.kind = of_kind)
      >= CASE of_kind WHEN 'assignment' THEN limits.assignments ELSE limits.provisionings END THEN of_kind
    WHEN of_kind IS NOT NULL AND EXISTS (SELECT 1 FROM simulated_aws.identity_center_outstanding AS under_way
          WHERE under_way.until > moment AND under_way.permission_set = of_set
            AND (under_way.account IS NULL OR of_account IS NULL OR under_way.account = of_account)) THEN 'role'
  END;
  INSERT INTO simulated_aws.identity_center_requests (at, service, operation, refused)
    VALUES (moment, of_service, of_operation, beyond);
  IF beyond IS NULL AND of_kind IS NOT NULL THEN
    INSERT INTO simulated_aws.identity_center_outstanding (kind, permission_set, account, since, until)
      VALUES (of_kind, of_set, of_account, moment, moment + make_interval(secs => (lasting * limits.second)::float8));
  END IF;
  RETURN beyond;
END
$$;
