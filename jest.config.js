/** @type {import("jest").Config} */
export default {
  testEnvironment: "<rootDir>/test/support/fast-environment.js",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, diagnostics: false }] },
  moduleNameMapper: { "^(@npmcli/arborist|typescript)$": "<rootDir>/test/support/no-closures.cjs" },
  globalSetup: "<rootDir>/test/support/start-postgres.ts",
  globalTeardown: "<rootDir>/test/support/stop-postgres.ts",
  reporters: ["default", "<rootDir>/test/support/engine-contract/count-reporter.ts"],
  // Scenarios of the engine contract take a dozen CLI processes, and a machine may have other work.
  testTimeout: 60_000,
  // Jest leaves one core alone by default; of two that is half, and tests wait for processes most of the time.
  maxWorkers: "100%",
};
