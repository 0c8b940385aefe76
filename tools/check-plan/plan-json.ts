import { z } from "zod";

/*
 * What `terraform show -json` says of a plan, as far as it is read here. Terraform adds fields within a major version of
 * the format and never changes one: https://developer.hashicorp.com/terraform/internals/json-format
 */

const values = z.record(z.string(), z.unknown()).nullish();

const change = z.object({
  actions: z.array(z.string()),
  before: values,
  after: values,
  after_unknown: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.object({ id: z.string().optional() }).optional(),
});

const resourceChange = z.object({
  address: z.string(),
  previous_address: z.string().optional(),
  mode: z.string(),
  type: z.string(),
  deposed: z.string().optional(),
  action_reason: z.string().optional(),
  change,
});

const block = z.object({
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  expressions: z.record(z.string(), z.unknown()).default({}),
});

const tags = z.object({ constant_value: z.record(z.string(), z.string()) });

export const planShape = z.object({
  format_version: z.string(),
  terraform_version: z.string(),
  errored: z.boolean().default(false),
  complete: z.boolean().default(true),
  resource_changes: z.array(resourceChange).default([]),
  resource_drift: z.array(resourceChange).default([]),
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).default({}),
  configuration: z.object({
    provider_config: z.object({
      aws: z.object({ expressions: z.object({ default_tags: z.array(z.object({ tags })).min(1) }) }),
    }),
    root_module: z.object({ resources: z.array(block).default([]) }),
  }),
});

export type PlanJson = z.infer<typeof planShape>;
export type ResourceChange = z.infer<typeof resourceChange>;
export type ConfiguredBlock = z.infer<typeof block>;
