/** Folders of the use cases, from the ground: each may know those before it, and the files beside them. */
const floors = [["operations"], ["resolving"], ["access"], ["requests", "verifying"], ["executing"]];

/** Adapters behind the ports of engine and cloud. */
const adapters = "engine/(sandbox|runner|automation)|cloud/(simulated|aws)";

/** Files whose path matches `from` may import none that matches `to`. */
const forbid = (name, comment, from, to) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: to },
});

/**
 * Imports point inwards: http → usecases → domain; adapters (database, engine, cloud) are known only to the composition
 * root. See docs/architecture.md.
 *
 * @type {import("dependency-cruiser").IConfiguration}
 */
module.exports = {
  forbidden: [
    ...floors.map((folders, floor) =>
      forbid(
        `usecases-${folders.join("-and-")}-know-what-is-below`,
        "The folders of the use cases stand on each other.",
        `^service/usecases/(${folders.join("|")})/`,
        `^service/usecases/(create[.]ts|(${floors
          .slice(floor + 1)
          .flat()
          .join("|")})/)`,
      ),
    ),
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    forbid(
      "stacks-know-no-service",
      "The Pulumi programs run by hand too, without the service.",
      "^stacks/",
      "^service/|node_modules/(express|pg|drizzle-orm)/",
    ),
    forbid(
      "domain-is-pure",
      "What the product is about depends on nothing that it runs on.",
      "^service/domain/",
      "^service/(?!domain/)|^stacks/|node_modules/(?!zod/)",
    ),
    forbid(
      "usecases-know-ports-only",
      "Use cases see the engine and the cloud through their ports, and nothing of HTTP.",
      "^service/usecases/",
      `^service/(http|db|queue|${adapters})|node_modules/express/`,
    ),
    forbid(
      "http-knows-no-adapters",
      "HTTP is a door to the use cases.",
      "^service/http/",
      `^service/(db|store|queue|${adapters})`,
    ),
    forbid(
      "engines-know-no-usecases",
      "An engine runs what it is told, whoever asks.",
      "^service/engine/",
      "^service/(usecases|http|queue|store|db)/",
    ),
    forbid(
      "engines-know-not-each-other",
      "What both need is beside them.",
      "^service/engine/(sandbox|automation)/",
      "^service/engine/(?!$1/)(sandbox|automation)/",
    ),
    forbid(
      "clouds-know-no-engine",
      "The account is the same whichever engine works on it.",
      "^service/cloud/",
      "^service/(engine|usecases|http|queue|store|db)/",
    ),
    forbid("product-knows-no-tests", "Tests look at the product.", "^(stacks|service)/", "^(test|bench)/"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
