import { Region } from "@pulumi/aws/types/enums/index.js";
import { partitionOf, regions } from "../../../service/domain/regions.ts";

describe("regions", () => {
  it("are those of the provider, without the isolated and sovereign partitions", () => {
    const known = Object.values(Region).filter((name) => !/^(?:eusc|us-iso|eu-iso)/.test(name));
    expect([...regions].sort()).toEqual([...known].sort());
  });

  it.each([
    ["ap-southeast-1", "aws"],
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["atlantis-1", undefined],
  ])("%s is in the partition %p", (name, partition) => {
    expect(partitionOf(name)).toBe(partition);
  });
});
