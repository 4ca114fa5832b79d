/**
 * What jest loads in the place of `@npmcli/arborist` and `typescript` when the Pulumi SDK asks for them: see `service/engine/pulumi-sdk.ts`.
 * Each test file loads its modules anew, and these two take a second of CPU.
 */
module.exports = {};
