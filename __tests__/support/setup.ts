import "cdktf/lib/testing/adapters/jest";
import "../../stacks/quiet-tokens";
