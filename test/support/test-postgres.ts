/** What global setup leaves for global teardown; both run in jest's own process. */
interface TestPostgres {
  stop: (() => Promise<void>) | null;
  directory: string | null;
}

declare global {
  var gatehouseTestPostgres: TestPostgres | undefined;
}

/** On the global object, since jest loads the two files apart. */
export const testPostgres: TestPostgres = (globalThis.gatehouseTestPostgres ??= { stop: null, directory: null });
