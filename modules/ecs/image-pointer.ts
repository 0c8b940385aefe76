import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn, Op, type Precondition, TerraformLocal, Token, conditional } from "cdktf";
import { Construct } from "constructs";
import { type Repository } from "../ecr";
import { PRIMARY, deploymentOf, nameOf, pathOf } from "../naming";

export interface ImagePointerProps {
  /** What the pointer is of, and named after: the service. */
  readonly of: Construct;
  /** Where the images are. The pointer names none of another repository. */
  readonly repository: Repository;
}

/** The value of a pointer before the first release. */
const NONE = "none";

/**
 * The image that a service runs, in an SSM parameter that a release writes and Terraform only reads: an outside write
 * shows in the next plan. Until the first release it is `none`, and nothing runs.
 */
export class ImagePointer extends Construct {
  /** The path of the service that it is of: "api". */
  readonly of: string;
  /** The parameter's name: "/fb-dev/api/image". */
  readonly name: string;
  /** The image, for a task definition. While the pointer is `none`, one that is in no registry. */
  readonly image: string;
  private readonly value: string;
  private readonly repository: Repository;

  constructor(scope: Construct, id: string, { of, repository }: ImagePointerProps) {
    super(scope, id);
    const parameter = new SsmParameter(this, PRIMARY, {
      name: `/${[deploymentOf(of), ...nameOf(of)].join("/")}/image`,
      description: `The image that ${pathOf(of).join("/")} runs; ${NONE} until the first release`,
      type: "String",
      insecureValue: NONE, // Plain in the plan: it is no secret, and the plan must say what will run.
      lifecycle: { ignoreChanges: ["insecure_value"] },
    });
    this.repository = repository;
    this.of = pathOf(of).join("/");
    this.name = parameter.name;
    // An import puts what it finds into the other, secret argument, for good.
    const found = Fn.nonsensitive(Fn.coalesce([parameter.insecureValue, parameter.value]));
    this.value = new TerraformLocal(this, "value", found).asString;
    this.image = Token.asString(conditional(this.isNone, Fn.join(":", [repository.url, NONE]), this.value));
  }

  /** A number that is 0 until something is released. */
  whenReleased(count: number): number {
    return Token.asNumber(conditional(this.isNone, 0, count));
  }

  /** What a task definition demands: `none`, or an image of the repository by tag or, better, by digest. */
  precondition(): Precondition {
    const { url } = this.repository;
    const known = Op.or(Fn.startswith(this.value, `${url}@sha256:`), Fn.startswith(this.value, `${url}:`));
    return {
      condition: Op.or(this.isNone, known),
      errorMessage:
        `The image pointer ${this.name} must be "${NONE}", or name an image of the repository ${url} as ` +
        `${url}@sha256:<digest> or ${url}:<tag>. Write it again: aws ssm put-parameter --overwrite --name ${this.name} --value <image>.`,
    };
  }

  private get isNone() {
    return Op.eq(this.value, NONE);
  }
}
