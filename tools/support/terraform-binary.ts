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

/** The registry that "hashicorp/aws" stands for: its name is part of folders, locks and states. */
export function providerRegistry(env: Variables = process.env): string {
  return isOpenTofu(env) ? "registry.opentofu.org" : "registry.terraform.io";
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
