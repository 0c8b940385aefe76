import { isOpenTofu, isTerraform, terraformBinary, terraformName } from "../../tools/support/terraform-binary";

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
