import "../../stacks/quiet-tokens";
