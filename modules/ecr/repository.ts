import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Role } from "../iam";
import { PRIMARY, pathOf, physicalName } from "../naming";

export interface RepositoryProps {
  /**
   * Tagged images that are kept, the newest by the time of their push, 1 to 1000; about $0.10 a GB and month. ECR does
   * not know which of them a task definition names: push only what you release, and `keep` is how many releases can be
   * gone back. @default 30
   */
  readonly keep?: number;
  /** Whether the repository refuses to be deleted while there are images in it. */
  readonly protect: boolean;
}

const UNTAGGED_DAYS = 7;

/** A private repository where a tag never moves to another image, and every image is scanned when it is pushed. */
export class Repository extends Construct {
  readonly name: string;
  /** Without a tag: "111111111111.dkr.ecr.eu-west-1.amazonaws.com/fb-dev-api-images". */
  readonly url: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: RepositoryProps) {
    super(scope, id);
    const { keep = 30, protect } = props;
    const fix = "Keep at least as many releases as you may want to go back.";
    checkInteger(this, `${pathOf(this).join("/")}: keep`, keep, 1, 1000, fix, "images");
    const repository = new EcrRepository(this, PRIMARY, {
      name: physicalName(this, { max: 256 }),
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      // Keys of AWS's own: one of ours would cost $1 a month and guard nothing more.
      encryptionConfiguration: [{ encryptionType: "AES256" }],
      forceDelete: !protect,
    });
    this.name = repository.name;
    this.url = repository.repositoryUrl;
    this.arn = repository.arn;
    new EcrLifecyclePolicy(this, "lifecycle", { repository: this.name, policy: lifecycle(keep) });
  }

  /** Lets a role pull images: the one that starts a service's tasks. */
  grantPullTo(role: Role): void {
    const layers = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
    role.allow(
      `${pathOf(this).join("-")}-pull`,
      { actions: layers.map((action) => `ecr:${action}`), resources: [this.arn] },
      { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    );
  }
}

function lifecycle(keep: number): string {
  const expire = { type: "expire" };
  return JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: `Untagged images go after ${String(UNTAGGED_DAYS)} days`,
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: UNTAGGED_DAYS,
        },
        action: expire,
      },
      {
        rulePriority: 2,
        description: `The last ${String(keep)} images stay`,
        selection: {
          tagStatus: "tagged",
          tagPatternList: ["*"],
          countType: "imageCountMoreThan",
          countNumber: keep,
        },
        action: expire,
      },
    ],
  });
}
