/** A resource that is protected, until the program takes its protection back. */
import { logGroup, testArguments } from "../../engine.ts";
import type { Failing, Life } from "./life.ts";

const group = (inputs: Record<string, unknown>, protect: boolean) =>
  testArguments({ resources: [logGroup("protected-group", inputs, { options: { protect } })] });
const nothing = testArguments({ resources: [] });

const refused: Failing = {
  code: "resource_failed",
  failure: "protected",
  text: "protect",
  at: "::protected-group",
};

export const protectionLife: Life = {
  name: "protection",
  about: "A protected resource",
  cast: "test",
  acts: [
    { about: "made", run: "up", arguments: group({}, true) },
    { about: "left out of the program", run: "up", arguments: nothing, fails: refused },
    {
      about: "to be replaced",
      run: "up",
      arguments: group({ logGroupClass: "INFREQUENT_ACCESS" }, true),
      fails: refused,
    },
    { about: "to be destroyed", run: "destroy", fails: refused },
    { about: "without its protection", run: "up", arguments: group({}, false) },
    { about: "left out then", run: "up", arguments: nothing },
  ],
  behaviours: [
    {
      title: "is not deleted, replaced or destroyed, and is once its protection is taken back",
      about: /protected-group/,
      inOrder: true,
    },
  ],
};
