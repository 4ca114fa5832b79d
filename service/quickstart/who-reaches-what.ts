/** The guide's Tests 1 and 2 at the end of the walk: each person tries both servers, and is let onto one. */
import colors from "picocolors";
import type { AccessCheck, AccessCheckAnswer } from "../domain/access.ts";
import type { Client } from "./client.ts";
import type { Print } from "./walkthrough.ts";

/** The guide's two servers (EC2), as they are tagged there, and its two people. */
const servers = [
  { name: "prod-server01", project: "Production" },
  { name: "dev-server01", project: "Development" },
] as const;
const people = ["testuser01", "testuser02"] as const;

const questionOf = (userName: string, { name, project }: (typeof servers)[number]): AccessCheck => ({
  principal: { userName },
  action: "ssm:StartSession",
  node: {
    kind: "ec2",
    account: "111122223333",
    region: "ap-southeast-1",
    tags: { Name: name, project },
  },
});

const verdict = ({ decision }: AccessCheckAnswer): string => (decision === "allow" ? "starts a session" : "is refused");

const reasonOf = ({ because }: AccessCheckAnswer): string => {
  const statements = because.map(({ environment, sid, index }) => `${sid ?? String(index)} of ${environment}`);
  return statements.length === 0 ? "no statement allows it" : statements.join(", ");
};

const columns = (cells: string[]): string => cells.map((cell) => cell.padEnd(18)).join("");

export const showWhoReachesWhat = async (client: Client, print: Print): Promise<void> => {
  print("");
  print(`${colors.bold("Who reaches what")}  ${colors.dim("the guide's Tests 1 and 2, from POST /v1/access-checks")}`);
  print(`  ${colors.dim(columns(["person", "server", ""]))}${colors.dim("because")}`);
  for (const server of servers)
    for (const userName of people) {
      const answer = await client.ask<AccessCheckAnswer>("/v1/access-checks", questionOf(userName, server));
      print(`  ${columns([userName, server.name, verdict(answer)])}${colors.dim(reasonOf(answer))}`);
    }
};
