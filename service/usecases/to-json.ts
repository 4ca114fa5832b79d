import type { JsonObject } from "../domain/json.ts";

/** A parsed document or arguments as the plain JSON that they are; members that are `undefined` fall away. */
export const toJson = (document: object): JsonObject => JSON.parse(JSON.stringify(document)) as JsonObject;
