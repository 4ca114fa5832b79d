-- As in 0014-identity-center-budget.sql, and for one operation where `wanted` names it: the worker that previewed a request goes
-- on with its up, which nobody else takes meanwhile (`available_at`). Of one that is taken so, the same holds as of any other:
-- it is the next of its stack, nothing blocks it, there is a share of Identity Center's limits for it, which nobody waits for in
-- front of it, and no other team waits whose turn it is. Where it cannot be had nothing is changed: the queue has it.
DROP FUNCTION gatehouse.claim_operation(text, interval, timestamptz, integer);
CREATE FUNCTION gatehouse.claim_operation(
  worker text, lease interval, at timestamptz, places integer DEFAULT 1, wanted uuid DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  candidate record;
  next_fence bigint;
  budget gatehouse.identity_center_budget;
  held gatehouse.identity_center_use;
  share jsonb;
  exhausted boolean := false;
  peers integer;
  own_team text;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 1);
  SELECT operations.team INTO own_team FROM gatehouse.operations WHERE operations.id = wanted;
  FOR candidate IN
    SELECT * FROM (
      SELECT next.id, next.team, next.blocked_by, next.waiting_for, next.status, next.sequence,
        asked.identity_center_demand AS demand, asked.identity_center_next AS is_first, able.free,
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
    IF candidate.demand IS NOT NULL THEN
      IF NOT exhausted THEN
        SELECT * INTO budget FROM gatehouse.identity_center_budget;
        SELECT * INTO held FROM gatehouse.identity_center_use;
        peers := greatest(1, least(candidate.demanding, places)::integer);
        share := gatehouse.identity_center_share(candidate.demand, peers, budget, held);
      END IF;
      IF share IS NULL THEN
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
