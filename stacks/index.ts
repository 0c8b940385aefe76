import { type Construct } from "constructs";
import { type Deployment } from "../deployment";
import { accounts } from "../environments/accounts";
import { type Environment } from "../environments/environment";
import * as eventScheduling from "../environments/event-scheduling";
import * as flowBuilder from "../environments/flow-builder";
import * as notifications from "../environments/notifications";
import * as workflowEngine from "../environments/workflow-engine";
import * as workflowOrchestrator from "../environments/workflow-orchestrator";
import { type z } from "zod";
import { type BaseStack } from "./base-stack";
import {
  eventSchedulingEnvironment,
  flowBuilderEnvironment,
  notificationsEnvironment,
  workflowEngineEnvironment,
  workflowOrchestratorEnvironment,
} from "./environment-shape";
import { EventSchedulingStack } from "./event-scheduling-stack";
import { FlowBuilderStack } from "./flow-builder-stack";
import { NotificationsStack } from "./notifications-stack";
import { WorkflowEngineStack } from "./workflow-engine-stack";
import { WorkflowOrchestratorStack } from "./workflow-orchestrator-stack";

/** One of the applications: its short name is the prefix of its deployments. */
export interface System<E extends Environment = Environment> {
  readonly shortName: string;
  readonly stack: new (scope: Construct, id: string, deployment: Deployment, env: E) => BaseStack;
  readonly shape: z.ZodType<E>;
  /** In the order of the accounts: from the first that gets a release to the last. */
  readonly environments: Readonly<Record<string, E>>;
}

function system<E extends Environment>(of: System<E>): System {
  const order = Object.keys(accounts);
  // A folder's exports come by the alphabet; one without an account stays, to be told.
  const environments = Object.entries(of.environments).sort(([a], [b]) => rank(a) - rank(b));
  return { ...of, environments: Object.fromEntries(environments) } as unknown as System;

  function rank(environment: string): number {
    return order.includes(environment) ? order.indexOf(environment) : order.length;
  }
}

/** The systems by name. A new one is a line here, a stack class beside this file, and a folder in `environments/`. */
export const systems: Readonly<Record<string, System>> = {
  "flow-builder": system({
    shortName: "fb",
    stack: FlowBuilderStack,
    shape: flowBuilderEnvironment,
    environments: flowBuilder,
  }),
  notifications: system({
    shortName: "ns",
    stack: NotificationsStack,
    shape: notificationsEnvironment,
    environments: notifications,
  }),
  "event-scheduling": system({
    shortName: "es",
    stack: EventSchedulingStack,
    shape: eventSchedulingEnvironment,
    environments: eventScheduling,
  }),
  "workflow-orchestrator": system({
    shortName: "wo",
    stack: WorkflowOrchestratorStack,
    shape: workflowOrchestratorEnvironment,
    environments: workflowOrchestrator,
  }),
  "workflow-engine": system({
    shortName: "we",
    stack: WorkflowEngineStack,
    shape: workflowEngineEnvironment,
    environments: workflowEngine,
  }),
};
