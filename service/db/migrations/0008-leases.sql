-- Who carries an operation out, and until when; which operation comes next. Typed in service/db/schema.ts, asked by
-- service/store/leases.ts. Leases are measured by this server's clock: the workers' own clocks differ.

-- Jobs of the queue before this one: each only said that an operation waits, and the operations still say it.
DROP SCHEMA IF EXISTS gatehouse_queue CASCADE;

ALTER TABLE gatehouse.operations
  -- Which worker holds it, and until when. A lease that is over may be taken by another worker.
  ADD COLUMN lease_owner text,
  ADD COLUMN lease_until timestamptz(3),
  -- Rises over all claims of all operations: the engine's state refuses what comes with an older one.
  ADD COLUMN fence bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
  -- How often a lease ran out while the operation ran: its worker died or was cut off.
  ADD COLUMN lost_leases integer NOT NULL DEFAULT 0 CHECK (lost_leases >= 0),
  -- Handed back: not before this.
  ADD COLUMN available_at timestamptz(3),
  -- Foundations that an environment's apply stands on: it claims them with others, a foundation's apply claims its own alone.
  ADD COLUMN foundations text[] NOT NULL DEFAULT '{}',
  -- Why it cannot start although it is the next of its stack: another stack, or the word recovery.
  ADD COLUMN waiting_for text,
  -- What the stack was before this operation began to apply; with it, the apply has begun and its claims hold to its end.
  ADD COLUMN stack_before jsonb CHECK (jsonb_typeof(stack_before) = 'object'),
  -- Resource writes whose outcome is not known.
  ADD COLUMN pending jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(pending) = 'array'),
  ADD COLUMN cancel_requested_at timestamptz(3),
  ADD COLUMN kill_requested_at timestamptz(3),
  -- Of a recovery: the operation whose stack it brings home, and how.
  ADD COLUMN recovers uuid REFERENCES gatehouse.operations (id) DEFERRABLE INITIALLY DEFERRED,
  ADD COLUMN resolution text CHECK (resolution IN ('refresh', 'unlock')),
  ADD CONSTRAINT operations_recoveries_say_how CHECK ((recovers IS NULL) = (resolution IS NULL)),
  ADD CONSTRAINT operations_recoveries_refresh CHECK (recovers IS NULL OR kind = 'refresh'),
  ADD CONSTRAINT operations_kills_cancel CHECK (kill_requested_at IS NULL OR cancel_requested_at IS NOT NULL);

-- One recovery of a stack at a time.
CREATE UNIQUE INDEX operations_one_recovery ON gatehouse.operations (stack)
  WHERE recovers IS NOT NULL AND status IN ('queued', 'running');

-- The chain of writes of an operation only goes forward, whoever asks.
CREATE FUNCTION gatehouse.refuse_older_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.attempt < old.attempt OR new.fence < old.fence THEN
    RAISE EXCEPTION 'operation % is at attempt %, not %', old.id, old.attempt, new.attempt USING ERRCODE = 'check_violation';
  END IF;
  RETURN new;
END
$$;
CREATE TRIGGER operations_refuse_older_attempt BEFORE UPDATE OF attempt, fence ON gatehouse.operations
  FOR EACH ROW EXECUTE FUNCTION gatehouse.refuse_older_attempt();

CREATE SEQUENCE gatehouse.operation_fences;

-- When each team was last served: the turn is the fence of its newest claim.
CREATE TABLE gatehouse.team_turns (
  team text PRIMARY KEY,
  turn bigint NOT NULL
);

-- Hints, in the channel of 0004-events.sql: the word `queue` when there may be something to take, `cancel:` and the id when a
-- worker is to stop.
CREATE FUNCTION gatehouse.tell_workers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'INSERT' THEN
    PERFORM pg_notify('gatehouse_operation', 'queue');
    RETURN NULL;
  END IF;
  IF new.status <> old.status AND new.status <> 'running' THEN
    PERFORM pg_notify('gatehouse_operation', 'queue');
  END IF;
  IF new.cancel_requested_at IS DISTINCT FROM old.cancel_requested_at
    OR new.kill_requested_at IS DISTINCT FROM old.kill_requested_at THEN
    PERFORM pg_notify('gatehouse_operation', 'cancel:' || new.id);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER operations_tell_workers AFTER INSERT OR UPDATE ON gatehouse.operations
  FOR EACH ROW EXECUTE FUNCTION gatehouse.tell_workers();

-- The operations that come next: of each stack one. A recovery goes before all else, an apply that has begun before what
-- waits, and otherwise the order of arrival holds.
--
-- `holds`: it runs, or its apply has begun and goes on later; what it claims is claimed. `blocked_by`: what it has to wait
-- for. An environment's apply waits for an apply of its foundation that holds, and for one that waited before it, so that a
-- foundation is not kept from its turn by ever more environments. A foundation's apply waits for those that hold only. Nobody
-- who holds anything waits, so nobody waits for each other.
CREATE VIEW gatehouse.next_operations AS
WITH heads AS (
  SELECT DISTINCT ON (operations.stack)
    operations.id, operations.sequence, operations.stack, operations.team, operations.status, operations.foundations,
    operations.lease_until, operations.available_at, operations.waiting_for,
    operations.kind IN ('up', 'destroy') AS applies,
    operations.status = 'running' OR operations.stack_before IS NOT NULL AS holds,
    operations.recovers IS NULL AND operations.status = 'queued' AND stacks.status = 'needs_recovery' AS needs_recovery
  FROM gatehouse.operations JOIN gatehouse.stacks ON stacks.name = operations.stack
  WHERE operations.status IN ('queued', 'running')
  ORDER BY operations.stack,
    operations.status = 'running' DESC, operations.recovers IS NOT NULL DESC, operations.stack_before IS NOT NULL DESC,
    operations.sequence
),
applying AS MATERIALIZED (SELECT stack, sequence, holds, foundations FROM heads WHERE applies AND NOT needs_recovery)
SELECT
  heads.id, heads.sequence, heads.stack, heads.team, heads.status, heads.waiting_for, heads.holds,
  CASE heads.status
    WHEN 'running' THEN coalesce(heads.lease_until, '-infinity') < clock_timestamp()
    ELSE coalesce(heads.available_at, '-infinity') <= clock_timestamp()
  END AS due,
  CASE
    WHEN heads.needs_recovery THEN 'recovery'
    WHEN heads.applies AND NOT heads.holds THEN (
      SELECT min(other.stack) FROM applying AS other
      WHERE (other.stack = ANY (heads.foundations) AND (other.holds OR other.sequence < heads.sequence))
        OR (heads.stack = ANY (other.foundations) AND other.holds)
    )
  END AS blocked_by
FROM heads;

-- Takes the operation that is due next for a worker, and gives its id; null when nothing is. One statement for the caller: a
-- worker that is stopped in the middle of it holds nothing. Claims take turns, so that what one decides by is what holds.
--
-- Lost ones first; then the team that has the fewest running, of those the one served longest ago, and its oldest.
CREATE FUNCTION gatehouse.claim_operation(worker text, lease interval, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  candidate record;
  next_fence bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7206, 1);
  FOR candidate IN
    SELECT next.id, next.team, next.blocked_by, next.due AND next.blocked_by IS NULL AS free
    FROM gatehouse.next_operations AS next
    LEFT JOIN (
      SELECT operations.team, count(*) AS running FROM gatehouse.operations WHERE operations.status = 'running' GROUP BY 1
    ) AS busy ON busy.team = next.team
    LEFT JOIN gatehouse.team_turns ON team_turns.team = next.team
    WHERE (next.due AND next.blocked_by IS NULL) OR next.blocked_by IS DISTINCT FROM next.waiting_for
    ORDER BY free, next.status = 'running' DESC, coalesce(busy.running, 0), coalesce(team_turns.turn, 0), next.sequence
  LOOP
    -- Rows that somebody else has locked are left: a claim waits for nobody.
    PERFORM 1 FROM gatehouse.operations WHERE operations.id = candidate.id FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT found;
    IF NOT candidate.free THEN
      -- For people to see what it waits for.
      UPDATE gatehouse.operations SET waiting_for = candidate.blocked_by
        WHERE operations.id = candidate.id AND operations.status = 'queued';
      CONTINUE;
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
