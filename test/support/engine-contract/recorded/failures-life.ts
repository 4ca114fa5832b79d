/** Runs that go wrong in the middle, and the way on from there. */
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { logGroup, testArguments, topic } from "../../engine.ts";
import type { FailureClass } from "../../../../service/domain/failure-classes.ts";
import type { TestArguments } from "../../test-programs.ts";
import type { Act, Life } from "./life.ts";

const conflict = { code: "ConflictException", message: "Another operation is in progress." };
const throttling = { code: "ThrottlingException", message: "Rate exceeded" };

const before = testArguments({ resources: [topic("outgoing-topic")] });
const wanted = testArguments({
  resources: [
    topic("chain-first"),
    topic("chain-failing", {}, { dependsOn: ["chain-first"] }),
    topic("chain-last", {}, { dependsOn: ["chain-failing"] }),
  ],
});

const fault = (namePattern: string, error: { code: string; message: string }): Act => ({
  outside: ({ pool }) => injectFault(pool, { namePattern, verb: "create", error }),
});

export const failuresLife: Life = {
  name: "failures",
  about: "Ups that AWS refuses in the middle",
  cast: "test",
  acts: [
    { about: "made", run: "up", arguments: before },
    fault("chain-failing", conflict),
    {
      about: "a conflict",
      run: "up",
      arguments: wanted,
      fails: {
        code: "resource_failed",
        failure: "conflict",
        text: "ConflictException: Another operation is in progress.",
        at: "::chain-failing",
      },
    },
    fault("chain-failing", throttling),
    {
      about: "throttled",
      run: "up",
      arguments: wanted,
      fails: { code: "throttled", failure: "throttled", text: "Rate exceeded", at: "::chain-failing" },
    },
    { about: "run again", run: "up", arguments: wanted },
    { about: "its end", run: "destroy" },
  ],
  behaviours: [
    { title: "keeps what was done, names what failed, and goes on from there", about: /chain-/, inOrder: true },
    {
      title: "deletes nothing after a failure, and everything when it is run again",
      about: /outgoing-topic/,
      inOrder: true,
    },
  ],
};

const broken = (trouble: NonNullable<TestArguments["trouble"]>) =>
  testArguments({ resources: [topic("never-made")], trouble });
const program = (
  about: string,
  trouble: NonNullable<TestArguments["trouble"]>,
  text: string,
  at: string | null,
  failure: FailureClass = "program_error",
): Act => ({
  about,
  run: "up",
  arguments: broken(trouble),
  fails: { code: "program_failed", failure, text, at },
});

export const refusalsLife: Life = {
  name: "refusals",
  about: "Programs that cannot be planned",
  cast: "test",
  acts: [
    program("a program that throws", "throws", "The program gave up.", null),
    program("a program with a rejection that nobody takes", "rejects", "Nobody took this rejection.", null),
    program("an input that cannot be worked out", "input", "This input cannot be worked out.", "::broken-topic"),
    program("a component that cannot be made", "constructor", "The component cannot be made.", "::broken-component"),
    program("a question that AWS answers with an error", "invokes", "ResourceNotFoundException", null, "not_found"),
    {
      about: "two resources of one URN",
      run: "up",
      arguments: testArguments({ resources: [topic("never-made"), topic("never-made")] }),
      fails: { code: "program_failed", failure: "program_error", text: "Duplicate resource URN", at: "::never-made" },
    },
    {
      about: "what AWS would not take",
      run: "up",
      arguments: testArguments({ resources: [topic("never-made", { displayName: "x".repeat(101) })] }),
      fails: { code: "resource_failed", failure: "invalid_input", text: "displayName", at: "::never-made" },
    },
    {
      about: "an import of what is not there",
      run: "up",
      arguments: testArguments({ resources: [logGroup("never-made", {}, { options: { import: "never-made" } })] }),
      fails: { code: "resource_failed", failure: "not_found", text: "does not exist", at: "::never-made" },
    },
    {
      about: "a program that warns",
      run: "preview",
      arguments: testArguments({ resources: [topic("never-made")], trouble: "warns" }),
    },
  ],
  behaviours: [
    { title: "come to nothing, and the next run is none the worse", about: /never-made|broken/, inOrder: true },
  ],
};
