-- Runs that provision begin some time apart. Each asks five times of sso-admin in half a second when it begins, and four times when
-- its provisioning is done, five seconds later by the provider's pace. So those that begin together end together, and hand their places to
-- others that begin together: three at once were seen to ask more than 20 times in one second, which is all that AWS takes
-- (docs/identity-center-budget.md).

ALTER TABLE gatehouse.identity_center_budget
  -- How long after one run that provisions the next is let through the gate. Three places of 5.7 s each are given out every 1.9 s,
  -- so nothing is lost by it.
  ADD COLUMN provisionings_apart interval NOT NULL DEFAULT '0.7 s' CHECK (provisionings_apart >= '0 s');

-- When the last one was let through.
CREATE TABLE gatehouse.identity_center_last_provisioning (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO gatehouse.identity_center_last_provisioning DEFAULT VALUES;

-- As in 0020-share-at-the-gate.sql, but for the time between two that provision.
CREATE OR REPLACE FUNCTION gatehouse.pass_identity_center_gate(operation uuid, of_attempt integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  waits record;
  own_turn bigint;
  budget gatehouse.identity_center_budget;
  held gatehouse.identity_center_use;
  provisions boolean;
  too_early boolean;
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
  provisions := (waits.wish ->> 'provisionings')::integer > 0;
  -- One that lies in the future was written before the server's clock was set back: it keeps nobody waiting.
  SELECT provisions AND at > clock_timestamp() - budget.provisionings_apart AND at <= clock_timestamp() INTO too_early
    FROM gatehouse.identity_center_last_provisioning;
  IF gatehouse.identity_center_fits(waits.wish, budget, held) AND NOT too_early
    AND NOT EXISTS (SELECT FROM gatehouse.identity_center_on_the_way AS other WHERE other.turn < own_turn) THEN
    IF provisions THEN UPDATE gatehouse.identity_center_last_provisioning SET at = clock_timestamp(); END IF;
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
