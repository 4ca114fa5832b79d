/** Folders of the use cases, from the ground: each may know those before it, and the files beside them. */
const floors = [["operations"], ["resolving"], ["access"], ["requests", "verifying"], ["executing"]];

/**
 * Imports point inwards: http → usecases → domain; adapters (database, engine, cloud) are known only to the composition
 * root. See docs/architecture.md.
 *
 * @type {import("dependency-cruiser").IConfiguration}
 */
module.exports = {
  forbidden: [
    ...floors.map((folders, floor) => ({
      name: `usecases-${folders.join("-and-")}-know-what-is-below`,
      severity: "error",
      from: { path: `^service/usecases/(${folders.join("|")})/` },
      to: {
        path: `^service/usecases/(create[.]ts|(${floors
          .slice(floor + 1)
          .flat()
          .join("|")})/)`,
      },
    })),
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "stacks-know-no-service",
      comment: "The Pulumi programs run by hand too, without the service.",
      severity: "error",
      from: { path: "^stacks/" },
      to: { path: "^service/|node_modules/(express|pg|drizzle-orm)/" },
    },
    {
      name: "domain-is-pure",
      severity: "error",
      from: { path: "^service/domain/" },
      to: { path: "^service/(?!domain/)|^stacks/|node_modules/(?!zod/)", pathNot: "^service/domain/" },
    },
    {
      name: "usecases-know-ports-only",
      comment: "Use cases see the engine and the cloud through their ports, and nothing of HTTP.",
      severity: "error",
      from: { path: "^service/usecases/" },
      to: {
        path: "^service/(http|db|queue|engine/(sandbox|runner|automation)|cloud/(simulated|aws))|node_modules/express/",
      },
    },
    {
      name: "http-knows-no-adapters",
      severity: "error",
      from: { path: "^service/http/" },
      to: { path: "^service/(db|store|queue|engine/(sandbox|runner|automation)|cloud/(simulated|aws))" },
    },
    {
      name: "engines-know-no-usecases",
      severity: "error",
      from: { path: "^service/engine/" },
      to: { path: "^service/(usecases|http|queue|store|db)/" },
    },
    {
      name: "engines-know-not-each-other",
      severity: "error",
      from: { path: "^service/engine/(sandbox|automation)/" },
      to: { path: "^service/engine/(sandbox|automation)/", pathNot: "^service/engine/$1/" },
    },
    {
      name: "clouds-know-no-engine",
      comment: "The account is the same whichever engine works on it.",
      severity: "error",
      from: { path: "^service/cloud/" },
      to: { path: "^service/(engine|usecases|http|queue|store|db)/" },
    },
    {
      name: "product-knows-no-tests",
      severity: "error",
      from: { path: "^(stacks|service)/" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
