import "../../stacks/quiet-tokens";

/** What the shell runs instead of Terraform, and works on, changes what the commands print: the tests say it themselves. */
for (const name of ["TERRAFORM_BINARY_NAME", "SYSTEM", "PREFIX", "STAGE"]) Reflect.deleteProperty(process.env, name);
