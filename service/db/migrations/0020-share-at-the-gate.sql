-- A run takes its share of Identity Center's limits when it is about to apply, not with its claim: until its plan is made it
-- asks nothing of them. With its claim it gets a wish, which says how many resources it works on at once; at the gate between
-- plan and apply it waits until that much is free (docs/identity-center-budget.md). What reads before it plans (a refresh, a
-- drift check, a recovery) takes its share with its claim, as in 0019-claim-one.sql.

ALTER TABLE gatehouse.operations
  -- What it will hold once it has passed the gate: as identity_center_share.
  ADD COLUMN identity_center_wish jsonb CHECK (jsonb_typeof(identity_center_wish) = 'object'),
  -- Its place among those that wait at the gate.
  ADD COLUMN identity_center_turn bigint,
  ADD CONSTRAINT operations_turns_are_of_wishes CHECK (identity_center_turn IS NULL OR identity_center_wish IS NOT NULL);

CREATE SEQUENCE gatehouse.identity_center_turns;

-- Whatever ends a run, or puts it back, takes it from the gate.
CREATE FUNCTION gatehouse.leave_identity_center_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.identity_center_wish := NULL;
  new.identity_center_turn := NULL;
  new.waiting_for := NULL;
  RETURN new;
END
$$;
CREATE TRIGGER operations_leave_identity_center_gate BEFORE UPDATE OF status ON gatehouse.operations
  FOR EACH ROW WHEN (old.status = 'running' AND new.status <> 'running' AND old.identity_center_wish IS NOT NULL)
  EXECUTE FUNCTION gatehouse.leave_identity_center_gate();

-- Those that were taken and have no share yet: they plan, or they wait at the gate.
CREATE VIEW gatehouse.identity_center_on_the_way AS
SELECT id, lease_owner, identity_center_wish AS wish, identity_center_turn AS turn
FROM gatehouse.operations
WHERE status = 'running' AND identity_center_wish IS NOT NULL AND identity_center_share IS NULL
  AND lease_until >= clock_timestamp();

-- What is held once everybody on the way has come through.
CREATE VIEW gatehouse.identity_center_promised AS
SELECT
  held.requests + coalesce(sum((wish ->> 'requests')::numeric), 0) AS requests,
  held.assignments + coalesce(sum((wish ->> 'assignments')::integer), 0) AS assignments,
  held.provisionings + coalesce(sum((wish ->> 'provisionings')::integer), 0) AS provisionings,
  held.store_requests + coalesce(sum((wish ->> 'storeRequests')::numeric), 0) AS store_requests
FROM gatehouse.identity_center_use AS held LEFT JOIN gatehouse.identity_center_on_the_way ON true
GROUP BY held.requests, held.assignments, held.provisionings, held.store_requests;

-- For metrics: of each limit what runs may hold, what they hold, and how many wait that need more of it than is free.
CREATE VIEW gatehouse.identity_center_figures AS
WITH needs AS (
  SELECT wish AS need FROM gatehouse.identity_center_on_the_way WHERE turn IS NOT NULL
  UNION ALL
  -- The least with which it would begin: gatehouse.identity_center_share.
  SELECT jsonb_build_object(
    'requests', greatest((demand ->> 'requests')::numeric, 0.8 * least(1, (demand ->> 'assignments')::numeric)),
    'assignments', least(1, (demand ->> 'assignments')::numeric),
    'provisionings', (demand ->> 'provisionings')::numeric,
    'storeRequests', least(5, (demand ->> 'storeRequests')::numeric))
  FROM (
    SELECT identity_center_demand AS demand FROM gatehouse.operations
    WHERE status = 'queued' AND waiting_for = 'identity-center'
  ) AS queued
)
SELECT figures.name, figures.budget::float8, figures.held::float8,
  (SELECT count(*) FROM needs WHERE (need ->> figures.key)::numeric > greatest(0, figures.budget - figures.held))::integer AS waiting
FROM gatehouse.identity_center_budget AS budget, gatehouse.identity_center_use AS held,
  LATERAL (VALUES
    ('requests', 'requests', budget.requests, held.requests),
    ('assignments', 'assignments', budget.assignments::numeric, held.assignments::numeric),
    ('provisionings', 'provisionings', budget.provisionings::numeric, held.provisionings::numeric),
    ('store_requests', 'storeRequests', budget.store_requests, held.store_requests)
  ) AS figures (name, key, budget, held);

-- Whether there is so much beside what is held. What nobody else holds any of is had whatever the budget is: it may have
-- been made smaller after the wish was made.
CREATE FUNCTION gatehouse.identity_center_fits(
  wish jsonb, budget gatehouse.identity_center_budget, held gatehouse.identity_center_use
) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT bool_and(asked.wanted = 0 OR asked.held = 0 OR asked.wanted <= asked.budget - asked.held)
  FROM (VALUES
    ((wish ->> 'requests')::numeric, held.requests, budget.requests),
    ((wish ->> 'assignments')::numeric, held.assignments::numeric, budget.assignments::numeric),
    ((wish ->> 'provisionings')::numeric, held.provisionings::numeric, budget.provisionings::numeric),
    ((wish ->> 'storeRequests')::numeric, held.store_requests, budget.store_requests)
  ) AS asked (wanted, held, budget)
$$;

-- Gives an operation at the gate its share, if it is the first of those that wait there and the share is free; true when it has
-- one. Otherwise it is among those that wait, and says so. Takes turns with claims.
CREATE FUNCTION gatehouse.pass_identity_center_gate(operation uuid, of_attempt integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  waits record;
  own_turn bigint;
  budget gatehouse.identity_center_budget;
  held gatehouse.identity_center_use;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 1);
  SELECT identity_center_wish AS wish, identity_center_share AS share, identity_center_turn AS turn INTO waits
    FROM gatehouse.operations
    WHERE id = operation AND attempt = of_attempt AND status = 'running' AND lease_until >= clock_timestamp()
    FOR NO KEY UPDATE;
  -- Not this attempt's any more: it gets nothing, and hears so from its lease.
  IF NOT found THEN RETURN false; END IF;
  IF waits.wish IS NULL OR waits.share IS NOT NULL THEN RETURN true; END IF;
  own_turn := coalesce(waits.turn, nextval('gatehouse.identity_center_turns'));
  SELECT * INTO budget FROM gatehouse.identity_center_budget;
  SELECT * INTO held FROM gatehouse.identity_center_use;
  IF gatehouse.identity_center_fits(waits.wish, budget, held)
    AND NOT EXISTS (SELECT FROM gatehouse.identity_center_on_the_way AS other WHERE other.turn < own_turn) THEN
    UPDATE gatehouse.operations
      SET identity_center_share = identity_center_wish, identity_center_turn = NULL, waiting_for = NULL
      WHERE id = operation;
    -- Others may come to the gate now.
    PERFORM pg_notify('gatehouse_operation', 'queue');
    RETURN true;
  END IF;
  UPDATE gatehouse.operations SET identity_center_turn = own_turn, waiting_for = 'identity-center'
    WHERE id = operation AND identity_center_turn IS NULL;
  RETURN false;
END
$$;

-- As in 0019-claim-one.sql, but that an apply takes its share at the gate. It is taken where its wish is free beside what
-- is held and what others on the way will hold; and a few beyond that, so that the next has its plan ready when a share comes
-- back: as many as could be provisioned at once, and never a process's last place, which is for work that waits for no share.
CREATE OR REPLACE FUNCTION gatehouse.claim_operation(
  worker text, lease interval, at timestamptz, places integer DEFAULT 1, wanted uuid DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  candidate record;
  next_fence bigint;
  budget gatehouse.identity_center_budget;
  held gatehouse.identity_center_use;
  promised gatehouse.identity_center_use;
  nothing gatehouse.identity_center_use := (0, 0, 0, 0);
  on_the_way integer;
  at_the_gate boolean;
  has_places boolean;
  share jsonb;
  wish jsonb;
  exhausted boolean := false;
  looked boolean := false;
  peers integer;
  own_team text;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 1);
  SELECT operations.team INTO own_team FROM gatehouse.operations WHERE operations.id = wanted;
  FOR candidate IN
    SELECT * FROM (
      SELECT next.id, next.team, next.blocked_by, next.waiting_for, next.status, next.sequence,
        asked.identity_center_demand AS demand, asked.identity_center_next AS is_first, able.free,
        asked.kind IN ('up', 'destroy') AND NOT asked.refresh AS gated,
        count(asked.identity_center_demand) FILTER (WHERE able.free) OVER () AS demanding,
        bool_or(asked.identity_center_next) FILTER (WHERE able.free AND next.id IS DISTINCT FROM wanted) OVER () AS others_wait,
        -- Who would come first of other teams and of lost ones, in the order below.
        min(ARRAY[CASE next.status WHEN 'running' THEN -1 ELSE coalesce(busy.running, 0) END, coalesce(team_turns.turn, 0), next.sequence])
          FILTER (WHERE wanted IS NOT NULL AND able.free AND next.id <> wanted AND (next.team <> own_team OR next.status = 'running'))
          OVER () AS first_of_others,
        coalesce(busy.running, 0) AS running, coalesce(team_turns.turn, 0) AS turn
      FROM gatehouse.next_operations AS next
      JOIN gatehouse.operations AS asked ON asked.id = next.id
      CROSS JOIN LATERAL (
        SELECT (next.due OR (next.id = wanted AND next.status = 'queued')) IS TRUE AND next.blocked_by IS NULL AS free
      ) AS able
      LEFT JOIN (
        SELECT operations.team, count(*) AS running FROM gatehouse.operations WHERE operations.status = 'running' GROUP BY 1
      ) AS busy ON busy.team = next.team
      LEFT JOIN gatehouse.team_turns ON team_turns.team = next.team
      WHERE able.free OR next.blocked_by IS DISTINCT FROM next.waiting_for
    ) AS all_candidates
    WHERE wanted IS NULL OR (all_candidates.id = wanted AND all_candidates.free)
    ORDER BY free, status = 'running' DESC, is_first DESC, running, turn, sequence
  LOOP
    -- Behind one that waits for its share, and said to be waiting already.
    CONTINUE WHEN candidate.free AND exhausted AND candidate.demand IS NOT NULL
      AND candidate.waiting_for = 'identity-center';
    CONTINUE WHEN wanted IS NOT NULL AND candidate.demand IS NOT NULL AND candidate.others_wait;
    CONTINUE WHEN candidate.first_of_others < ARRAY[candidate.running, candidate.turn, candidate.sequence];
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
    wish := NULL;
    IF candidate.demand IS NOT NULL THEN
      IF NOT looked THEN
        looked := true;
        SELECT * INTO budget FROM gatehouse.identity_center_budget;
        SELECT * INTO held FROM gatehouse.identity_center_use;
        SELECT * INTO promised FROM gatehouse.identity_center_promised;
        SELECT count(*), coalesce(bool_or(way.turn IS NOT NULL), false) INTO on_the_way, at_the_gate
          FROM gatehouse.identity_center_on_the_way AS way;
        SELECT count(*) + 1 < places INTO has_places
          FROM gatehouse.operations WHERE operations.status = 'running' AND operations.lease_owner = worker;
        -- Places of this process, and as many of each other one that works.
        SELECT greatest(1, least(candidate.demanding, places * (1 + count(DISTINCT operations.lease_owner)))) INTO peers
          FROM gatehouse.operations
          WHERE operations.status = 'running' AND operations.lease_until >= clock_timestamp() AND operations.lease_owner <> worker;
      END IF;
      IF NOT exhausted AND candidate.gated THEN
        wish := gatehouse.identity_center_share(candidate.demand, peers, budget, nothing);
        IF NOT gatehouse.identity_center_fits(wish, budget, promised) AND NOT (has_places AND on_the_way < budget.provisionings) THEN
          wish := NULL;
        END IF;
      ELSIF NOT exhausted AND NOT at_the_gate THEN
        share := gatehouse.identity_center_share(candidate.demand, peers, budget, held);
      END IF;
      IF share IS NULL AND wish IS NULL THEN
        CONTINUE WHEN wanted IS NOT NULL;
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
      lost_leases = lost_leases + CASE operations.status WHEN 'running' THEN 1 ELSE 0 END,
      lease_owner = worker,
      lease_until = clock_timestamp() + lease,
      available_at = NULL,
      waiting_for = NULL,
      identity_center_next = false,
      identity_center_share = share,
      identity_center_wish = wish,
      identity_center_turn = NULL,
      -- It may have waited for its turn: it starts when it is taken, after what ran before it ended.
      started_at = coalesce(started_at, greatest(at, clock_timestamp()))
    WHERE operations.id = candidate.id
      AND (operations.status = 'queued'
        OR (operations.status = 'running' AND coalesce(lease_until, '-infinity') < clock_timestamp()));
    CONTINUE WHEN NOT found;
    INSERT INTO gatehouse.team_turns (team, turn) VALUES (candidate.team, next_fence)
      ON CONFLICT (team) DO UPDATE SET turn = excluded.turn;
    RETURN candidate.id;
  END LOOP;
  RETURN NULL;
END
$$;

-- When whoever asked for a write heard that AWS is done with it: until then nobody can know that its place is free.
ALTER TABLE simulated_aws.identity_center_outstanding ADD COLUMN told timestamptz;
