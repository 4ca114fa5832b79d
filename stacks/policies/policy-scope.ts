import type { PolicyProfile, PolicyStatement, SessionDocumentKind } from "../arguments.ts";
import type { Partition } from "./partition.ts";

/** What of an environment decides its permission set's policy: request documents and program arguments both have it. */
export interface PolicySubject {
  name: string;
  /** Nodes that carry this tag are the environment's. */
  tag: { key: string; value: string };
  targets: { account: string; region: string }[];
  policyProfile: PolicyProfile;
  sessionDocuments: SessionDocumentKind[];
  /** On-premises (managed) nodes are reached too, unless `null`. */
  onPremises: object | null;
  /** Appended as they are. */
  extraStatements: PolicyStatement[];
}

/** The same, as a profile's statements take it. */
export interface PolicyScope {
  environment: string;
  partition: Partition;
  tag: { key: string; value: string };
  targets: { account: string; region: string }[];
  sessionDocuments: SessionDocumentKind[];
  hybrid: boolean;
}
