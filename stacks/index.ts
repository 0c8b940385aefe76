import { type Construct } from "constructs";
import { type Deployment } from "../deployment";
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
  readonly environments: Readonly<Record<string, E>>;
}

function system<E extends Environment>(of: System<E>): System {
  return of as unknown as System;
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
