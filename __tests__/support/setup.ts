import "../../stacks/quiet-tokens";

/** What the shell runs instead of Terraform changes what the commands print: the tests say it themselves. */
delete process.env["TERRAFORM_BINARY_NAME"];
