-- What happened to an operation, in order, and the hint that something did. Typed in service/db/schema.ts.
--
-- The database itself writes the events of state changes, so that whoever changes an operation, in whatever process, tells of
-- it in the same transaction and cannot forget to. Events carry the database's clock: those of one operation come from
-- several processes, and one clock keeps them in order.

-- Number of the newest event. Whoever adds events raises it first, and so holds the operation's row until they are there: no
-- number is given twice, left out, or seen before the one in front of it. Older operations have no events.
ALTER TABLE gatehouse.operations ADD COLUMN last_event integer NOT NULL DEFAULT 0 CHECK (last_event >= 0);
-- An operation is born with its first event.
ALTER TABLE gatehouse.operations ALTER COLUMN last_event SET DEFAULT 1;

CREATE TABLE gatehouse.events (
  operation_id uuid NOT NULL REFERENCES gatehouse.operations (id) ON DELETE CASCADE,
  number integer NOT NULL CHECK (number > 0),
  type text NOT NULL CHECK (type ~ '^[a-z_]+(\.[a-z_]+)?$'),
  attempt integer NOT NULL CHECK (attempt >= 0),
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
  PRIMARY KEY (operation_id, number)
);

CREATE FUNCTION gatehouse.write_status_event(operation gatehouse.operations) RETURNS void LANGUAGE sql AS $$
  INSERT INTO gatehouse.events (operation_id, number, type, attempt, data)
  VALUES (
    operation.id,
    operation.last_event,
    'operation.' || CASE operation.status WHEN 'running' THEN 'started' ELSE operation.status END,
    operation.attempt,
    jsonb_build_object(
      'status', operation.status,
      'changes', CASE WHEN operation.finished_at IS NOT NULL THEN operation.changes END,
      'problem', operation.problem
    )
  );
$$;

CREATE FUNCTION gatehouse.tell_new_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM gatehouse.write_status_event(new);
  PERFORM pg_notify('gatehouse_operation', new.id::text);
  RETURN NULL;
END
$$;

CREATE FUNCTION gatehouse.tell_changed_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A claim after a worker was lost is a start too: the status stays, the attempt rises.
  IF new.status <> old.status OR new.attempt <> old.attempt THEN
    new.last_event := new.last_event + 1;
    PERFORM gatehouse.write_status_event(new);
  END IF;
  IF new.approval_state = 'void' AND old.approval_state <> 'void' THEN
    new.last_event := new.last_event + 1;
    INSERT INTO gatehouse.events (operation_id, number, type, attempt, data)
    VALUES (
      new.id, new.last_event, 'approval.void', new.attempt, jsonb_build_object('supersededBy', new.superseded_by)
    );
  END IF;
  PERFORM pg_notify('gatehouse_operation', new.id::text);
  RETURN new;
END
$$;

CREATE TRIGGER operations_tell_new AFTER INSERT ON gatehouse.operations
  FOR EACH ROW EXECUTE FUNCTION gatehouse.tell_new_operation();
CREATE TRIGGER operations_tell_changed BEFORE UPDATE ON gatehouse.operations
  FOR EACH ROW EXECUTE FUNCTION gatehouse.tell_changed_operation();
