/**
 * Paths of this machine in what the CLI, its plugins and the system say: whoever asked for a run is told what a place is, and not
 * where. The CLI's own log, in the service's home, has the paths.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic, EngineEvent, RunProblem, RunResult } from "../engine.ts";
import type { AutomationSettings } from "./settings.ts";
import { fileBackend } from "./recovery/leftovers-locks.ts";

const projectDirectory = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");

type Places = Pick<AutomationSettings, "backend" | "cli" | "plugin" | "home" | "runs">;

/** Each place with what it is, the deepest first: one may lie in another. */
const placesOf = ({ backend, cli, plugin, home, runs }: Places): (readonly [string, string])[] => {
  const state = fileBackend(backend.url);
  const all: (readonly [string, string])[] = [
    [runs, "[work directories]"],
    [home, "[Pulumi's home]"],
    [dirname(home), "[data directory]"],
    [cli.path, "[Pulumi CLI]"],
    [plugin.path, "[plugin]"],
    [projectDirectory, "[Gatehouse]"],
    ...(state === null ? [] : [[dirname(state), "[state backend]"] as const]),
  ];
  // The root of a file system would be in every path.
  return all.filter(([path]) => path.length > 1).sort(([left], [right]) => right.length - left.length);
};

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

interface PlaceMask {
  text(text: string): string;
  event(event: EngineEvent): EngineEvent;
  result(result: RunResult): RunResult;
}

/** Puts what a place is in place of its path. */
export function createPlaceMask(settings: Places): PlaceMask {
  const places = placesOf(settings);
  const names = new Map(places);
  // Not within a longer name: `/data/state-2` is not in `/data/state`.
  const anyPlace = new RegExp(`(?:file://)?(${places.map(([path]) => literally(path)).join("|")})(?![\\w-])`, "g");
  const text = (said: string): string =>
    said.replaceAll(anyPlace, (_all: string, path: string) => names.get(path) ?? "[path]");
  const diagnostic = (told: Diagnostic): Diagnostic => ({ ...told, message: text(told.message) });
  const problem = ({ cause, ...told }: RunProblem): RunProblem => ({
    ...told,
    detail: text(told.detail),
    ...(cause === undefined ? {} : { cause: text(cause) }),
  });
  return {
    text,
    event: (event) => {
      if (event.type === "diagnostic") return { ...event, diagnostic: diagnostic(event.diagnostic) };
      return event.type === "resource.failed" ? { ...event, message: text(event.message) } : event;
    },
    result: (result) => ({
      ...result,
      diagnostics: result.diagnostics.map(diagnostic),
      problem: result.problem === null ? null : problem(result.problem),
    }),
  };
}
