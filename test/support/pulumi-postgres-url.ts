/**
 * A database's connection string as the Pulumi CLI takes it for its state: its scheme is `postgres`, and a directory of sockets
 * counts only where the URL has no host (github.com/lib/pq, "Connection String Parameters").
 */
export const pulumiPostgresUrl = (url: string): string =>
  url.replace(/^postgres(?:ql)?:\/\/([^@/]*@)?([^/]*)(.*)$/, (_all, user: string = "", host: string, rest: string) =>
    rest.includes("host=") ? `postgres://${user}${rest}` : `postgres://${user}${host}${rest}`,
  );
