import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { activationTierSettingArn } from "./arns.ts";
import type { Place } from "./arns.ts";

export interface ActivationTierArgs {
  place: Place;
  tier: "standard" | "advanced";
}

/**
 * The region's tier of on-premises nodes. AWS has retired it: nothing needs it any more, and a foundation leaves the
 * setting alone unless it is asked for by name.
 *
 * The setting is retained when the stack lets go of it. The provider deletes a setting by resetting it for the whole
 * region, which would take the tier from nodes that this foundation knows nothing about; and a foundation that goes
 * back to `none` promises to leave the setting alone. Whoever wants the standard tier back asks for `standard`.
 * Source: `aws.ssm.ServiceSetting` (its id is the setting's ARN; a short id shows a difference on every run).
 */
export class ActivationTier extends pulumi.ComponentResource {
  constructor(name: string, args: ActivationTierArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:ActivationTier", name, {}, options);
    new aws.ssm.ServiceSetting(
      "activation-tier-setting",
      {
        region: args.place.region,
        settingId: activationTierSettingArn(args.place),
        settingValue: args.tier,
      },
      { parent: this, retainOnDelete: true },
    );
    this.registerOutputs();
  }
}
