/**
 * What programs of the system (`id`, `ps`, `initdb`, `postgres`, …) get of the service's environment: where programs are, and a
 * language and time zone in which their answers can be read. Nothing of the service's settings, so none of its secrets.
 */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" });
