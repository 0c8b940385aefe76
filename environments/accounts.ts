import type { Account } from "./environment";

/**
 * The AWS account and region of each environment, whatever the system. These are placeholders: enter your own before
 * the first deploy to AWS. The provider and the state's backend refuse every other account.
 */
export const accounts: Record<string, Account> = {
  dev: {
    id: "111111111111",
    region: "eu-west-1",
  },
  staging: {
    id: "222222222222",
    region: "eu-west-1",
    alarmEmail: "staging-alarms@example.com",
    https: {
      domain: "staging.example.com",
      certificateArn: "arn:aws:acm:eu-west-1:222222222222:certificate/00000000-0000-4000-8000-000000000000",
    },
  },
  production: {
    id: "333333333333",
    region: "eu-west-1",
    alarmEmail: "production-alarms@example.com",
    https: {
      domain: "example.com",
      certificateArn: "arn:aws:acm:eu-west-1:333333333333:certificate/00000000-0000-4000-8000-000000000000",
    },
  },
};
