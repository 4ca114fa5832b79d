import type { PolicyStatement } from "../arguments.ts";
import type { PolicyScope } from "./policy-scope.ts";

/**
 * The statements of AWS's guide "Securing Remote Access with Multi-Factor Authentication" (March 2021), in its order and
 * with its Sids. Two variants: for EC2 only, and the guide's "(Optional) Configure Session Manager to manage on-premises
 * servers", which drops the right to end sessions. What is wrong with them is mended in the hardened profile, not here.
 */
export const whitepaperStatements = ({ partition, tag, hybrid }: PolicyScope): PolicyStatement[] => {
  const instances = `arn:${partition}:ec2:*:*:instance/*`;
  const discover: PolicyStatement = {
    Sid: "VisualEditor0",
    Effect: "Allow",
    Action: [
      "ssm:DescribeSessions",
      "ssm:DescribeInstanceProperties",
      "ec2:DescribeInstances",
      "ssm:GetConnectionStatus",
    ],
    Resource: "*",
  };
  const start: PolicyStatement = {
    Effect: "Allow",
    Action: ["ssm:StartSession"],
    Resource: hybrid ? [instances, `arn:${partition}:ssm:*:*:managed-instance/*`] : [instances],
    Condition: { StringLike: { [`ssm:resourceTag/${tag.key}`]: [tag.value] } },
  };
  if (!hybrid) {
    const endOwn: PolicyStatement = {
      Effect: "Allow",
      Action: ["ssm:TerminateSession"],
      Resource: [`arn:${partition}:ssm:*:*:session/\${aws:username}-*`],
    };
    return [discover, start, endOwn];
  }
  return [
    { Effect: "Allow", Action: ["ssm:GetServiceSetting"], Resource: "*" },
    { Effect: "Deny", Action: ["ssm:ResetServiceSetting", "ssm:UpdateServiceSetting"], Resource: "*" },
    discover,
    start,
  ];
};
