/** A stack from its first preview to its end: one resource, or a few, for each thing that a step can be. */
import { addResource, removeResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import type { JsonObject } from "../../../../service/domain/json.ts";
import { attachment, logGroup, logGroupType, role, scope, testArguments, topic } from "../../engine.ts";
import type { TestResource } from "../../test-programs.ts";
import type { Life } from "./life.ts";

const renamed = (name: string): TestResource => ({ ...topic("renamed"), inputs: { name } });
const secretTopic = (displayName: string): TestResource =>
  topic("secret-topic", { displayName }, { secret: ["displayName"], outputs: ["arn", "displayName"] });

/** What is the same in both programs. */
const kept: TestResource[] = [
  topic("plain-topic", { displayName: "A" }),
  { type: "aws:kms/key:Key", name: "unknown-key", outputs: ["arn"] },
  topic("unknown-topic", {}, { from: { kmsMasterKeyId: ["unknown-key", "arn"] } }),
  { type: "Component", name: "outer" },
  topic("child-topic", {}, { parent: "outer" }),
  topic("hidden-topic", {}, { options: { additionalSecretOutputs: ["arn"] } }),
  logGroup("imported-group", { retentionInDays: 30 }, { options: { import: "imported-group" } }),
  logGroup("imported-elsewhere", { region: "eu-west-1" }, { options: { import: "imported-elsewhere@eu-west-1" } }),
];
const outputs: Record<string, [string, string]> = {
  arn: ["plain-topic", "arn"],
  secret: ["secret-topic", "displayName"],
  hidden: ["hidden-topic", "arn"],
};

const first: JsonObject = testArguments({
  resources: [
    ...kept,
    topic("updated-topic", { displayName: "before" }),
    topic("tagged-topic", { tags: { changed: "1", gone: "2" } }),
    topic("untagged-topic"),
    secretTopic("correct-horse"),
    topic("ignored-topic", { displayName: "kept", tags: { one: "1" } }),
    renamed("renamed-before"),
    logGroup("fixed-group"),
    role("moved-role"),
    attachment("moved-attachment", "moved-role"),
    topic("forced-topic", { displayName: "1" }, { options: { replaceOnChanges: ["displayName"] } }),
    role("ended-role"),
    attachment("ended-attachment", "ended-role"),
    logGroup("retained-group", {}, { options: { retainOnDelete: true } }),
  ],
  outputs,
});

const second: JsonObject = testArguments({
  resources: [
    ...kept,
    topic("updated-topic", { displayName: "after" }),
    topic("tagged-topic", { tags: { changed: "3", added: "4" } }),
    topic("untagged-topic", { tags: { added: "1" } }),
    secretTopic("battery-staple"),
    topic(
      "ignored-topic",
      { displayName: "ignored", tags: { one: "1", two: "2" } },
      { options: { ignoreChanges: ["displayName", "tags.two"] } },
    ),
    renamed("renamed-after"),
    logGroup("fixed-group", { logGroupClass: "INFREQUENT_ACCESS" }),
    role("moved-role", { path: "/moved/" }),
    attachment("moved-attachment", "moved-role"),
    topic("forced-topic", { displayName: "2" }, { options: { replaceOnChanges: ["displayName"] } }),
    topic("ended-successor"),
  ],
  outputs,
});

export const stepsLife: Life = {
  name: "steps",
  about: "A stack from its first preview to its end",
  cast: "test",
  acts: [
    { outside: (account) => addResource(account, logGroupType, { name: "imported-group", retentionInDays: 7 }, scope) },
    {
      outside: (account) =>
        addResource(account, logGroupType, { name: "imported-elsewhere" }, { ...scope, region: "eu-west-1" }),
    },
    { about: "the preview of a new stack", run: "preview", arguments: first },
    { about: "its first up", run: "up", arguments: first, approved: true },
    { about: "the same again", run: "preview", arguments: first },
    { about: "one change of each kind", run: "up", arguments: second },
    { about: "those again", run: "preview", arguments: second },
    { about: "the preview of its end", run: "preview-destroy" },
    { about: "its end", run: "destroy", approved: true },
    { about: "a stack with nothing in it", run: "preview-destroy" },
    // Lives share an account, and others look at all of it.
    { outside: (account) => removeResource(account, logGroupType, "retained-group", scope) },
  ],
  behaviours: [
    { title: "creates, and then finds nothing to do", about: /plain-topic/, inOrder: true },
    { title: "counts the stack and its providers as steps", about: /^pulumi:/ },
    { title: "shows what is known only after the apply as unknown", about: /unknown-/ },
    { title: "updates in place, with the difference", about: /updated-topic/, inOrder: true },
    { title: "tells of each key of a map that is changed, added or taken away", about: /tagged-topic|untagged-topic/ },
    { title: "names components by their chain of parents, without the stack", about: /outer|child-topic/ },
    {
      title: "makes the new one first where names differ, and deletes the old one last",
      about: /renamed/,
      inOrder: true,
    },
    { title: "deletes the old one first where the name stays", about: /fixed-group/, inOrder: true },
    { title: "replaces what cannot follow the replacement in place", about: /moved-/, inOrder: true },
    { title: "replaces for a property that the program says replaces", about: /forced-topic/, inOrder: true },
    {
      title: "deletes what the program no longer names, dependents first, after everything else",
      about: /ended-/,
      inOrder: true,
    },
    {
      title: "forgets without deleting what is retained, by what the last up said",
      about: /retained-group/,
      inOrder: true,
    },
    { title: "ignores changes that it was told to ignore", about: /ignored-topic/, inOrder: true },
    {
      title: "imports what exists, in whatever region, updates what differs, and does so once",
      about: /imported-/,
    },
    { title: "never shows a secret", about: /secret-topic/ },
    { title: "makes outputs secret that the program names", about: /hidden-topic/ },
  ],
};
