-- Who gains and who loses access by an operation, as it is approved. Null: before its preview has run, and for foundations.
ALTER TABLE gatehouse.operations ADD COLUMN access jsonb;

-- Environments that meet on a tag pair: keys without case, values with, as IAM compares them. The expressions are those of
-- service/store/stacks.ts.
CREATE INDEX stacks_tag ON gatehouse.stacks (lower(spec #>> '{tag,key}'), (spec #>> '{tag,value}'));
CREATE INDEX operations_unfinished_tag ON gatehouse.operations (lower(spec #>> '{tag,key}'), (spec #>> '{tag,value}'))
  WHERE status IN ('queued', 'running');
-- Those whose policy says more than their profile does.
CREATE INDEX stacks_with_extra_statements ON gatehouse.stacks (name) WHERE (spec #> '{extraStatements,0}') IS NOT NULL;
-- Identity Center keeps one user for Ann and ann.
CREATE INDEX stacks_members_any_case
  ON gatehouse.stacks USING gin ((lower((spec #> '{group,members}')::text)::jsonb) jsonb_path_ops);
