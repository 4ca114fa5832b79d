-- What was changed outside: requests that look for it first, and what is known of it. Typed in service/db/schema.ts.

-- Whether the operation begins by reading every resource of its stack from the account; an up as its preview did.
ALTER TABLE gatehouse.operations ADD COLUMN refresh boolean NOT NULL DEFAULT false;

-- What the last look at the account found otherwise than it was applied; null: nobody has looked since the stack was made.
ALTER TABLE gatehouse.stacks ADD COLUMN drift jsonb CHECK (jsonb_typeof(drift) = 'object');

-- For the gauge of stacks that drifted.
CREATE INDEX stacks_drifted ON gatehouse.stacks (name) WHERE (drift #> '{resources,0}') IS NOT NULL;
