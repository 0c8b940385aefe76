import { basename, join } from "node:path";
import { type Variables, root } from "./project";

/**
 * The program that is started as Terraform: cdktf's own variable `TERRAFORM_BINARY_NAME`, so that cdktf and our commands
 * take the same one. "tofu" is OpenTofu; a path will do. @default "terraform"
 */
export function terraformBinary({ TERRAFORM_BINARY_NAME: name }: Variables = process.env): string {
  return name || "terraform";
}

/** Whether that program is OpenTofu, which has a registry, versions and a configuration file of its own. */
export function isOpenTofu(env: Variables = process.env): boolean {
  return /^(open)?tofu/i.test(basename(terraformBinary(env)));
}

const [TERRAFORM_REGISTRY, OPENTOFU_REGISTRY] = ["registry.terraform.io", "registry.opentofu.org"] as const;

/** The registry that "hashicorp/aws" stands for: its name is part of folders, locks and states. */
export function providerRegistry(env: Variables = process.env): string {
  return isOpenTofu(env) ? OPENTOFU_REGISTRY : TERRAFORM_REGISTRY;
}

/**
 * The arguments with which Terraform takes over a state that OpenTofu wrote: its `init` asks for the providers that the state
 * names, at OpenTofu's registry and of any version. The other way round nothing is to be done.
 */
export const TAKE_STATE_OVER: readonly string[] = [
  ...["state", "replace-provider", "-auto-approve"],
  ...[OPENTOFU_REGISTRY, TERRAFORM_REGISTRY].map((registry) => `${registry}/hashicorp/aws`),
];

/** Whether OpenTofu wrote a state, by the providers that it names. */
export function isOpenTofuState(providers: ReadonlySet<string>): boolean {
  return [...providers].some((provider) => provider.startsWith(`${OPENTOFU_REGISTRY}/`));
}

/** The committed file with the hashes of the providers that this registry gives. */
export function providerLock(env: Variables = process.env): string {
  return join(root, isOpenTofu(env) ? "opentofu.lock.hcl" : "terraform.lock.hcl");
}

/** Its name in a sentence: "Terraform", "OpenTofu". */
export function terraformName(env: Variables = process.env): string {
  return isOpenTofu(env) ? "OpenTofu" : "Terraform";
}

/** Whether a process of this name is Terraform or OpenTofu itself. Linux cuts a name after 15 characters: a provider is "terraform-provi". */
export function isTerraform(name: string): boolean {
  return /^(open)?tofu|^terraform(?!-prov)/.test(name);
}
