import { describeContractOnCli } from "../../../support/engine-contract/on-cli.ts";

describeContractOnCli(["programs"]);
