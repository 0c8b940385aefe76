import { ElasticacheUser } from "@cdktf/provider-aws/lib/elasticache-user";
import { ElasticacheUserGroup } from "@cdktf/provider-aws/lib/elasticache-user-group";
import { type Construct } from "constructs";
import { physicalName } from "../naming";

/** The longest id that ElastiCache takes for a cache, a user or a group of users. */
export const LONGEST_ID = 40;

/**
 * Every key and channel, and every command but those that Redis calls dangerous: no FLUSHALL, KEYS, SORT, MONITOR, CONFIG,
 * ACL, and none of `@admin`, all of which are `@dangerous`. INFO is of them too, but clients begin with it: ioredis asks
 * whether data is loaded, BullMQ for the version and the `maxmemory-policy`.
 */
const CLIENT = "on ~* &* +@all -@dangerous +info";

/** ElastiCache wants a user `default` in every group, who could else do anything without a password. */
const NOBODY = "off ~keys* -@all";

const engine = "redis";
/** What a cache or a group still uses cannot be deleted: the next one takes its place first. */
const lifecycle = { createBeforeDestroy: true };

export interface IamUsers {
  /** What the cache's replication group is told. */
  readonly group: string;
  /** The one who can sign in. */
  readonly user: { readonly name: string; readonly arn: string };
}

/** The user who signs in to a cache with a token of IAM's, and a group of that user and of a `default` who cannot. Neither has a password. */
export function iamUsers(cache: Construct): IamUsers {
  const name = physicalName(cache, { max: LONGEST_ID });
  const user = new ElasticacheUser(cache, "user", {
    userId: name,
    userName: name, // With IAM they must be the same.
    engine,
    accessString: CLIENT,
    authenticationMode: { type: "iam" },
    lifecycle,
  });
  const nobody = new ElasticacheUser(cache, "default-user", {
    userId: physicalName(cache, { max: LONGEST_ID, suffix: "default" }),
    userName: "default",
    engine,
    accessString: NOBODY,
    // Not an authenticationMode, which AWS tells in another word than it takes: each plan would change it.
    noPasswordRequired: true,
    lifecycle,
  });
  const group = new ElasticacheUserGroup(cache, "users", {
    userGroupId: name,
    engine,
    userIds: [nobody.userId, user.userId],
    lifecycle,
  });
  return { group: group.userGroupId, user: { name: user.userName, arn: user.arn } };
}
