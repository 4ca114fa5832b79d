/** A comparison of the provider, as the CLI wants to be told of it. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb.js";
import type { ProviderDiff } from "../../../cloud/provider.ts";

type Change = ProviderDiff["changes"][number];

const { Kind } = messages.PropertyDiff;

const kindOf = ({ from, to, replaces }: Change): PropertyDiff.Kind => {
  if (from === undefined) return replaces ? Kind.ADD_REPLACE : Kind.ADD;
  if (to === undefined) return replaces ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE;
};

/** The property at the start of a path: `tags` of `tags.Name`, `rules` of `rules[0].id`. */
const topLevel = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path;

const topLevels = (changes: Change[]): string[] => [...new Set(changes.map(({ path }) => topLevel(path)))];

/** The answer to `Diff` and `DiffConfig`. `deleteFirst` counts only where something replaces. */
export const diffResponse = (changes: Change[], deleteFirst = false): DiffResponse => {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const replacing = changes.filter((change) => change.replaces);
  const response = new messages.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(topLevels(changes))
    .setReplacesList(topLevels(replacing))
    .setDeletebeforereplace(deleteFirst && replacing.length > 0)
    .setHasdetaileddiff(true);
  for (const change of changes) {
    const property = new messages.PropertyDiff().setKind(kindOf(change)).setInputdiff(true);
    response.getDetaileddiffMap().set(change.path, property);
  }
  return response;
};
