/** The environment program refused by AWS in the middle, and run again. */
import { injectFault, type Fault } from "../../../../service/cloud/simulated/faults.ts";
import { addResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import { member } from "../../../stacks/environment/production.ts";
import { roleInputs, roleType } from "../../engine.ts";
import type { Act, Life } from "./life.ts";
import { environmentOf, plain } from "./product-arguments.ts";

const here = { account: "555566667777", region: "eu-central-1" };
const wanted = environmentOf("partway", here);
const grown = environmentOf("partway", here, { members: [...wanted.members, member("partway-two")] });

/** The answer takes so long that all that does not wait for it is done by then: which that is, is a part of what is recorded. */
const refused = (fault: Partial<Fault>): Act => ({
  outside: ({ pool }) => injectFault(pool, { verb: "create", latencyMilliseconds: 3_000, ...fault }),
});

export const partwayLife: Life = {
  name: "environment-partway",
  about: "The environment program, refused in the middle",
  cast: "product",
  acts: [
    {
      outside: (account) =>
        addResource(account, roleType, roleInputs(wanted.targets[0]?.foundation.nodeRoleName ?? ""), here),
    },
    refused({
      namePattern: "permission-set",
      error: { code: "ConflictException", message: "Another operation is in progress." },
    }),
    {
      about: "its first up, without a permission set",
      run: "up",
      arguments: plain(wanted),
      look: true,
      fails: {
        code: "resource_failed",
        failure: "conflict",
        text: "ConflictException: Another operation is in progress.",
        at: "::permission-set",
      },
    },
    { about: "done again", run: "up", arguments: plain(wanted), look: true },
    refused({
      namePattern: "user-partway-two",
      error: { code: "ThrottlingException", message: "Rate exceeded" },
    }),
    {
      about: "another person, throttled",
      run: "up",
      arguments: plain(grown),
      fails: { code: "throttled", failure: "throttled", text: "Rate exceeded", at: "::user-partway-two" },
    },
    { about: "another person", run: "up", arguments: plain(grown), look: true },
    { about: "the same again", run: "up", arguments: plain(grown) },
  ],
  behaviours: [
    { title: "makes nothing that needs what was refused, and the rest of it later", about: /ssoadmin/ },
    { title: "goes on with people where it stopped", about: /identitystore/ },
    { title: "makes what has nothing to do with it once", about: /LogGroup|kms|ssm\/document|iam/ },
  ],
};
