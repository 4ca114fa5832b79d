/** Nodes and sessions behind everybody's back: what servers, people and AWS do while Gatehouse looks elsewhere. */
import type { Scope } from "../provider.ts";
import { inventory, putInventory } from "./inventory.ts";
import type { SimulatedAccount } from "./simulated-account.ts";

type NodeEdit = Partial<{
  tags: Record<string, string>;
  instanceState: string;
  pingStatus: "online" | "connection_lost" | "inactive";
  agentVersion: string;
  role: string | null;
}>;

const columns: Record<keyof NodeEdit, string> = {
  tags: "tags",
  instanceState: "instance_state",
  pingStatus: "ping_status",
  agentVersion: "agent_version",
  role: "role",
};

/** Changes what is known of a node; an Error when there is none. */
export const editNode = async (
  { pool }: Pick<SimulatedAccount, "pool">,
  { account, region }: Scope,
  id: string,
  edit: NodeEdit,
): Promise<void> => {
  const names = (Object.keys(columns) as (keyof NodeEdit)[]).filter((name) => edit[name] !== undefined);
  const assignments = names.map((name, index) => `${columns[name]} = $${index + 4}`).join(", ");
  const values = names.map((name) => (name === "tags" ? JSON.stringify(edit.tags) : edit[name]));
  const { rowCount } = await pool.query(
    `UPDATE simulated_aws.nodes SET ${assignments} WHERE account = $1 AND region = $2 AND id = $3`,
    [account, region, id, ...values],
  );
  if (rowCount !== 1) throw new Error(`there is no node ${id} in account ${account}, ${region}`);
};

/** Terminates an instance, or deregisters a server: it is gone. */
export const removeNode = async (
  { pool }: Pick<SimulatedAccount, "pool">,
  { account, region }: Scope,
  id: string,
): Promise<void> => {
  await pool.query("DELETE FROM simulated_aws.nodes WHERE account = $1 AND region = $2 AND id = $3", [
    account,
    region,
    id,
  ]);
};

/** Adds nodes and sessions, as an inventory file has them. */
export const addInventory = (
  account: Pick<SimulatedAccount, "pool" | "now">,
  added: { nodes?: unknown[]; sessions?: unknown[] },
): Promise<void> => {
  const parsed = inventory.parse(added);
  return putInventory(account, JSON.stringify(parsed), parsed);
};
