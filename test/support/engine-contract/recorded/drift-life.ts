/** A stack that somebody changes outside, and what reading the account makes of it. */
import { editResource, removeResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import {
  attachment,
  attachmentType,
  logGroup,
  logGroupType,
  role,
  roleType,
  scope,
  testArguments,
  topic,
  topicArn,
  topicType,
} from "../../engine.ts";
import type { Life } from "./life.ts";

const group = (retentionInDays: number) => logGroup("settled-group", { retentionInDays });
const program = (settled: number) =>
  testArguments({
    resources: [
      logGroup("drifting-group", { retentionInDays: 7 }),
      topic("gone-topic"),
      topic("steady-topic"),
      topic("drifting-secret", { displayName: "correct-horse" }, { secret: ["displayName"] }),
      topic("drifting-tags", { tags: { kept: "1", lost: "2" } }),
      role("gone-role"),
      attachment("gone-attachment", "gone-role"),
      group(settled),
    ],
  });

const attachmentId = "gone-role/arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

const drift = async (account: SimulatedAccount): Promise<void> => {
  await editResource(account, logGroupType, "drifting-group", { retentionInDays: 30 }, scope);
  await editResource(account, topicType, topicArn("drifting-secret"), { displayName: "battery-staple" }, scope);
  await editResource(account, topicType, topicArn("drifting-tags"), { tags: { kept: "1", found: "3" } }, scope);
  await editResource(account, logGroupType, "settled-group", { retentionInDays: 90 }, scope);
  await removeResource(account, topicType, topicArn("gone-topic"), scope);
  await removeResource(account, attachmentType, attachmentId, scope);
  await removeResource(account, roleType, "gone-role", scope);
};

export const driftLife: Life = {
  name: "drift",
  about: "A stack that is changed outside",
  cast: "test",
  acts: [
    { about: "a look at a stack that never was", run: "drift-check" },
    { about: "made", run: "up", arguments: program(7) },
    { about: "a look when nobody changed anything", run: "drift-check" },
    { outside: drift },
    { about: "a look", run: "drift-check", look: true },
    { about: "a preview that does not look", run: "preview", arguments: program(7) },
    {
      about: "a preview that looks, of what somebody set already",
      run: "preview",
      arguments: program(90),
      refresh: true,
    },
    { about: "its up", run: "up", arguments: program(90), refresh: true, approved: true },
    { about: "a look when it was put back", run: "drift-check" },
    { outside: drift },
    { about: "taken over", run: "refresh", look: true },
    { about: "a look when it was taken over", run: "drift-check" },
    { about: "a preview after it was taken over", run: "preview", arguments: program(90) },
    { outside: (account) => removeResource(account, topicType, topicArn("steady-topic"), scope) },
    { about: "its end", run: "destroy", refresh: true },
  ],
  behaviours: [
    { title: "names what differs, and puts it back", about: /drifting-group/, inOrder: true },
    { title: "names what is gone, and makes it again", about: /gone-topic/, inOrder: true },
    { title: "shows no secret on either side", about: /drifting-secret/ },
    { title: "names each key of a map that differs", about: /drifting-tags/, inOrder: true },
    { title: "makes anew what stands on something that is gone", about: /gone-role|gone-attachment/, inOrder: true },
    { title: "takes what somebody set to the wanted value for done", about: /settled-group/, inOrder: true },
    { title: "forgets what is gone when all is destroyed", about: /steady-topic/, inOrder: true },
  ],
};
