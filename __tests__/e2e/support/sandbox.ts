import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accounts } from "../../../environments/accounts";
import { type Account } from "../../../environments/environment";
import { type ClientConfig, localClients } from "../../../tools/support/aws-clients";
import { LocalAws } from "../../../tools/support/local-aws";
import { endpoint, localEnvironment, type LocalTarget } from "../../../tools/support/local-environment";
import { localFolder } from "../../../tools/support/project";
import { awsCli } from "../../../tools/support/python";
import { run } from "../../../tools/support/run";
import { Authority } from "../../support/certificates";
import { freePort } from "../../support/free-port";
import { ADDRESS, HOST } from "../../support/webhook-receiver";
import { succeeded } from "./outcome";
import { WorkingTree } from "./working-tree";

/**
 * A local AWS on a free port of 127.0.0.1 and whatever works with it, in a temporary folder. All of it is gone after
 * `end`; when this process is killed, the local AWS ends by itself.
 */
export class Sandbox {
  private constructor(
    private readonly name: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly aws: LocalAws,
    /** Whose server certificates the functions on this AWS trust, beside RDS's own authority. */
    readonly authority: Authority,
  ) {}

  /**
   * @param name of the log that stays: .local/logs/e2e-<name>-aws.log
   * @param settings of the local AWS, such as LOCAL_TASKS (local-aws/README.md)
   */
  static async start(name: string, settings: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
    const folder = mkdtempSync(join(tmpdir(), "gp-"));
    const temporary = join(folder, "t");
    mkdirSync(temporary);
    const authority = await Authority.create("Groundplan end-to-end tests");
    const trusted = join(folder, "authority.pem");
    writeFileSync(trusted, authority.cert);
    const aws = new LocalAws(join(folder, "aws"), {
      PARENT_PID: String(process.pid),
      TMPDIR: temporary,
      // Node's own variable, which functions inherit here as they would from a Lambda layer or image.
      NODE_EXTRA_CA_CERTS: trusted,
      LOCAL_HOSTS: `${HOST}=${ADDRESS}`,
      ...{ LOCAL_TASKS: "", LOCAL_QUOTAS: "" }, // The shell's are not the test's.
      ...settings,
    });
    const port = await freePort();
    await aws.start({ port, account: account("dev") });
    return new Sandbox(name, folder, port, aws, authority);
  }

  /** A working tree whose commands talk to this AWS as an environment's account, whatever the machine is set to. */
  async checkout(
    environment = "dev",
    variables: Readonly<Record<string, string>> = { PREFIX: "fb" },
  ): Promise<WorkingTree> {
    const temporary = join(this.folder, "t");
    const env = {
      ...localEnvironment(this.target(environment), process.env),
      TMPDIR: temporary,
      CI: "true",
      // ts-node's cache of compiled code: of two processes that share it, one reads what the other has half written, and crashes.
      DISABLE_V8_COMPILE_CACHE: "1",
    };
    return WorkingTree.create(mkdtempSync(join(this.folder, `${environment}-`)), {
      ...withoutNames(env),
      ...variables,
    });
  }

  /** What clients of the SDK are made with. */
  clients(environment = "dev"): ClientConfig {
    return localClients(this.target(environment));
  }

  /** What the AWS CLI answers: `cli("sqs", "get-queue-url", "--queue-name", "fb-dev-flows")`. */
  async cli(...args: string[]): Promise<unknown> {
    const target = this.target("dev");
    // Its version 1 goes to AWS for SQS, whatever AWS_ENDPOINT_URL says.
    const command = [...args, "--endpoint-url", endpoint(target), "--output", "json"];
    const options = {
      cwd: this.folder,
      env: localEnvironment(target, process.env),
      log: join(this.folder, "cli.log"),
    };
    const output = succeeded(["aws", ...args], await run(awsCli, command, options));
    return output === "" ? undefined : JSON.parse(output);
  }

  async end(): Promise<void> {
    await this.aws.stop();
    cpSync(this.aws.log, localFolder("logs", `e2e-${this.name}-aws.log`));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private target(environment: string): LocalTarget {
    return { port: this.port, account: account(environment) };
  }
}

/** Which deployment it is, and what works on it, each test says itself: neither the shell nor the CI may. */
function withoutNames(env: Readonly<Record<string, string>>): Record<string, string> {
  const names =
    /^(PREFIX|SYSTEM|STAGE|TERRAFORM_BINARY_NAME|CONTAINER_ENGINE|GIT_.*|.*BRANCH.*|GITHUB_.*|CI_COMMIT_.*)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}

function account(environment: string): Account {
  return accounts[environment] as Account;
}
