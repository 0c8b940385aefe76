import { readFileSync } from "node:fs";
import { VERSION } from "../../tools/support/provider-mirror";
import {
  isOpenTofu,
  isTerraform,
  providerLock,
  providerRegistry,
  terraformBinary,
  terraformName,
} from "../../tools/support/terraform-binary";

test.each([undefined, ""])("without TERRAFORM_BINARY_NAME (%p) it is terraform, as cdktf has it", (name) => {
  expect(terraformBinary({ TERRAFORM_BINARY_NAME: name })).toBe("terraform");
  expect(terraformName({ TERRAFORM_BINARY_NAME: name })).toBe("Terraform");
});

test.each(["tofu", "/opt/tofu-1.12.6/tofu", "tofu-1.12", "opentofu"])("%s is OpenTofu, by any path", (name) => {
  expect(terraformBinary({ TERRAFORM_BINARY_NAME: name })).toBe(name);
  expect(terraformName({ TERRAFORM_BINARY_NAME: name })).toBe("OpenTofu");
});

test.each(["terraform", "terraform1.13", "/home/tofu/bin/terraform"])("%s is Terraform", (name) => {
  expect(isOpenTofu({ TERRAFORM_BINARY_NAME: name })).toBe(false);
});

test.each([
  ["terraform", true],
  ["tofu", true],
  ["tofu-1.12.6", true],
  ["terraform-provi", false],
  ["terraform-provider-aws_v5.100.0_x5", false],
  ["node", false],
])("a process named %s is Terraform or OpenTofu itself: %p", (name, expected) => {
  expect(isTerraform(name)).toBe(expected);
});

describe("the lock files", () => {
  const locks = { terraform: lock("terraform"), tofu: lock("tofu") };

  function lock(binary: string): { readonly addresses: string[]; readonly hashes: string[]; readonly text: string } {
    const text = readFileSync(providerLock({ TERRAFORM_BINARY_NAME: binary }), "utf8");
    const addresses = [...text.matchAll(/^provider "(.*)" \{/gm)].map(([, address]) => String(address));
    return { addresses, hashes: [...text.matchAll(/"((?:h1|zh):[^"]+)"/g)].map(([, hash]) => String(hash)), text };
  }

  test.each(["terraform", "tofu"] as const)(
    "%s's has its own registry's provider and no other's: with another's, only `init` would run",
    (binary) => {
      expect(locks[binary].addresses).toEqual([`${providerRegistry({ TERRAFORM_BINARY_NAME: binary })}/hashicorp/aws`]);
      expect(locks[binary].text).toContain(`version     = "${VERSION}"`);
    },
  );

  test("OpenTofu's takes HashiCorp's builds too, for mirrors that were made with Terraform", () => {
    expect(locks.tofu.hashes).toEqual(expect.arrayContaining(locks.terraform.hashes));
    expect(new Set(locks.tofu.hashes).size).toBe(locks.terraform.hashes.length + 20);
  });

  test("cdktf-cli finds the only address that it knows in OpenTofu's, and so runs no `tofu providers lock`, which ignores mirrors", () => {
    // As parseProviderLockFile of cdktf-cli 0.21 reads it: a line that has it, whatever stands before, and no } until the constraints.
    expect(locks.tofu.text).toMatch(
      /provider "registry\.terraform\.io\/hashicorp\/aws"$[^}]*?^\s*constraints\s+= "5\.100\.0"/m,
    );
  });
});
