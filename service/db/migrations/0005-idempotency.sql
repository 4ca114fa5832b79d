-- The first answer to a call that carried an Idempotency-Key, for the same call when it comes again.
CREATE TABLE gatehouse.idempotency_keys (
  -- Who called: two callers may choose the same key.
  principal text NOT NULL,
  -- SHA-256 of the key, in hexadecimal. Callers put ticket numbers and worse into keys, and nobody has to read them back.
  key_hash text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  -- SHA-256 of method, path and document: another call may not use the key.
  request_digest text NOT NULL CHECK (request_digest ~ '^[0-9a-f]{64}$'),
  operation_id uuid NOT NULL REFERENCES gatehouse.operations (id) ON DELETE CASCADE,
  -- The operation as the first answer showed it. Not jsonb, which would forget the order of its members.
  answer json NOT NULL CHECK (json_typeof(answer) = 'object'),
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (principal, key_hash)
);
CREATE INDEX idempotency_keys_by_expiry ON gatehouse.idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_by_operation ON gatehouse.idempotency_keys (operation_id);

-- The revision that the caller worked from (If-Match, If-None-Match): the stack must still have it when it is applied.
ALTER TABLE gatehouse.operations ADD COLUMN expected_revision integer CHECK (expected_revision >= 0);
