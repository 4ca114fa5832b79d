-- As in 0014-identity-center-budget.sql, but that a run writes one assignment at a time where another run waits or works, and three
-- where it is alone. Those that are written side by side keep in step: each is asked about, read back, and followed by the next one's
-- look and write, four requests in less than half a second. Runs that provisioned side by side, three at most, keep in step too.
-- Five assignments in step are 20 requests, all that AWS takes in a second; more were seen to be refused.
CREATE OR REPLACE FUNCTION gatehouse.identity_center_share(
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
  others integer;
  most_at_once integer;
BEGIN
  SELECT count(*) INTO others FROM gatehouse.operations
    WHERE status = 'running' AND coalesce(identity_center_share, identity_center_wish) IS NOT NULL AND lease_until >= clock_timestamp();
  most_at_once := CASE WHEN peers + others > 1 THEN 1 ELSE 3 END;
  assignments := least(wanted, free_assignments, greatest(1, ceil(budget.assignments::numeric / peers)::integer), most_at_once);
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
