import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findPulumi } from "../../../../service/engine/automation/cli/cli.ts";
import { installPulumi, type InstallMethod } from "../../../../service/engine/automation/cli/cli-install.ts";
import { pinnedVersion, serves } from "../../../../service/engine/automation/cli/cli-version.ts";
import { pluginVersion } from "../../../../service/engine/automation/plugin/environment.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "gatehouse-cli-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A CLI that does nothing but tell its version; without one it fails. Gives its folder. */
const fakeCli = async (folder: string, version: string | null): Promise<string> => {
  const path = join(directory, folder);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "pulumi"), `#!/bin/sh\n${version === null ? "exit 3" : `echo ${version}`}\n`);
  await chmod(join(path, "pulumi"), 0o755);
  return path;
};

const nothing = (): string => join(directory, "nothing", "pulumi");

describe("a version of the CLI", () => {
  it.each([
    ["v3.257.0", true],
    ["3.257.3", true],
    ["v3.257.1-dev.0\n", true],
    ["v3.256.9", false],
    ["v3.258.0", false],
    ["v4.257.0", false],
    ["", false],
    ["3.257", false],
  ])("%j serves: %s", (version, expected) => {
    expect(serves(version)).toBe(expected);
  });
});

describe("finding the CLI", () => {
  it("takes the one on PATH", async () => {
    const usual = await fakeCli("usual", "v3.257.4");
    const path = [join(directory, "empty"), "relative", usual].join(delimiter);
    expect(await findPulumi({ path, installed: nothing() })).toEqual({
      path: join(usual, "pulumi"),
      version: "3.257.4",
    });
  });

  it("takes the project's own where the one on PATH does not serve", async () => {
    const [old, own] = [await fakeCli("old", "v3.100.0"), await fakeCli("own", "v3.257.0")];
    expect(await findPulumi({ path: old, installed: join(own, "pulumi") })).toEqual({
      path: join(own, "pulumi"),
      version: "3.257.0",
    });
  });

  it("says what it found, what is needed and what mends it", async () => {
    const [old, broken] = [await fakeCli("old", "v3.100.0"), await fakeCli("broken", null)];
    const finding = findPulumi({ path: old, installed: join(broken, "pulumi") });
    await expect(finding).rejects.toThrow(
      /old\/pulumi is version 3\.100\.0; .*broken\/pulumi does not run .*Version 3\.257\.x is needed\. Run: npm run pulumi:install$/,
    );
  });

  it("tells those who have no key neither paths nor what a program said", async () => {
    const [old, broken] = [await fakeCli("old", "v3.100.0"), await fakeCli("broken", null)];
    const finding = findPulumi({ path: old, installed: join(broken, "pulumi") });
    await expect(finding).rejects.toMatchObject({
      summary:
        "No Pulumi CLI serves: the one on PATH is version 3.100.0, the project's own does not run. Version 3.257.x is needed. Run: npm run pulumi:install",
    });
    const chatty = findPulumi({ path: await fakeCli("chatty", "all my /secrets"), installed: nothing() });
    await expect(chatty).rejects.toMatchObject({ summary: expect.stringContaining("is version unknown") as string });
  });

  it("passes over a folder of that name, as a shell does", async () => {
    await mkdir(join(directory, "folder", "pulumi"), { recursive: true });
    const usual = await fakeCli("usual", "v3.257.0");
    const path = [join(directory, "folder"), usual].join(delimiter);
    expect(await findPulumi({ path, installed: nothing() })).toMatchObject({ path: join(usual, "pulumi") });
  });

  it("says so when there is none", async () => {
    await expect(findPulumi({ path: "", installed: nothing() })).rejects.toThrow(
      "There is no Pulumi CLI, neither on PATH nor in the project. Version 3.257.x is needed. Run: npm run pulumi:install",
    );
  });
});

describe("installing the CLI", () => {
  const failing = (name: string, reason: string): InstallMethod => ({
    name,
    install: () => Promise.reject(new Error(reason)),
  });

  it("tries one way after the other", async () => {
    const told: string[] = [];
    const build: InstallMethod = {
      name: "build",
      install: async () => {
        await fakeCli(join("own", "bin"), `v${pinnedVersion}`);
      },
    };
    const never = failing("never", "not asked");
    await installPulumi({
      root: join(directory, "own"),
      onProgress: (message) => void told.push(message),
      methods: [failing("download", "no network"), build, never],
    });
    expect(told).toEqual([
      "Pulumi CLI 3.257.0: download …",
      "  not this way: no network",
      "Pulumi CLI 3.257.0: build …",
    ]);
  });

  it("says what stood in the way of each when none works", async () => {
    const methods = [failing("download", "no network"), failing("build", "spawn go ENOENT")];
    await expect(installPulumi({ root: directory, onProgress: () => undefined, methods })).rejects.toThrow(
      /could not be installed\. download: no network\. build: spawn go ENOENT\. .*docs\/pulumi-cli\.md/,
    );
  });
});

describe("pinned versions", () => {
  const text = (path: string): Promise<string> => readFile(new URL(`../../../../${path}`, import.meta.url), "utf8");

  it("are the same in the Go module as in the SDK", async () => {
    expect(await text("tools/go.mod")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pinnedVersion}`);
    expect(await text("tools/go.mod")).toContain(`github.com/pulumi/pulumi/sdk/v3 v${pinnedVersion}`);
  });

  it("are the same in the plugin as in the package that programs use", async () => {
    const { version } = JSON.parse(await text("node_modules/@pulumi/aws/package.json")) as { version: string };
    expect(pluginVersion).toBe(version);
  });
});
