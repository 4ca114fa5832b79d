-- Hardly any environment has statements of its own, and the planner cannot know: without figures it takes all but none of
-- them for such, and reads the whole table at each request instead of the index on the tag and the one on those few.
CREATE STATISTICS gatehouse.stacks_extra_statements ON (spec #> '{extraStatements,0}') FROM gatehouse.stacks;
ANALYZE gatehouse.stacks;
