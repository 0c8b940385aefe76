import type { ClientConfig } from "../../tools/support/aws-clients";
import type { RegistryLogin } from "../../tools/support/ecr-images";
import { AwsError, type Operations, type RunningAwsApi, startAwsApi } from "./aws-api";

export interface Image {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly minutesAgo?: number;
}

interface Asked {
  readonly repositoryName: string;
  readonly imageIds?: readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
}

/** An account's ECR, with what a test puts into its repositories. */
export class EcrAccount {
  /** Where its images are. */
  host = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
  login: RegistryLogin = { username: "AWS", password: "s3cret:token" };
  private readonly repositories = new Map<string, Image[]>();
  private api: RunningAwsApi | undefined;

  static async start(): Promise<EcrAccount> {
    const account = new EcrAccount();
    account.api = await startAwsApi(
      Object.fromEntries(
        Object.entries(account.operations()).map(([name, answer]) => [
          `AmazonEC2ContainerRegistry_V20150921.${name}`,
          answer,
        ]),
      ) as Operations,
    );
    return account;
  }

  get clients(): ClientConfig {
    const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
    return { region: "eu-west-1", endpoint: String(this.api?.endpoint), credentials };
  }

  /** Makes a repository, where there is none, and puts images into it. */
  add(repository: string, ...images: readonly Image[]): void {
    this.repositories.set(repository, [...(this.repositories.get(repository) ?? []), ...images]);
  }

  clear(repository: string): void {
    this.repositories.delete(repository);
  }

  async stop(): Promise<void> {
    await this.api?.stop();
  }

  private operations(): Record<string, (asked: never) => unknown> {
    return {
      DescribeRepositories: ({ repositoryNames: [repositoryName] }: { repositoryNames: [string] }) => {
        this.imagesOf({ repositoryName });
        return { repositories: [{ repositoryUri: `${this.host}/${repositoryName}` }] };
      },
      DescribeImages: (asked: Asked) => {
        const [id] = asked.imageIds ?? [];
        const found = this.imagesOf(asked).filter(
          ({ digest, tags }) => id === undefined || digest === id.imageDigest || tags.includes(String(id.imageTag)),
        );
        if (id !== undefined && found.length === 0) throw new AwsError(400, "ImageNotFoundException", "no such image");
        return { imageDetails: found.map(detail) };
      },
      GetAuthorizationToken: () => {
        const token = Buffer.from(`${this.login.username}:${this.login.password}`).toString("base64");
        return { authorizationData: [{ authorizationToken: token }] };
      },
    };
  }

  private imagesOf({ repositoryName }: Asked): Image[] {
    const images = this.repositories.get(repositoryName);
    if (images) return images;
    throw new AwsError(400, "RepositoryNotFoundException", `${repositoryName} is not there`);
  }
}

function detail({ digest, tags, minutesAgo = 0 }: Image): object {
  return { imageDigest: digest, imageTags: tags, imagePushedAt: Date.now() / 1000 - minutesAgo * 60 };
}
