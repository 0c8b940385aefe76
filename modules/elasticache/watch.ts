import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";

/** What the nodes of a cache are measured by. */
export interface CacheNodes {
  /** Their ids in ElastiCache, which end in a number: "fb-dev-cache-001". */
  readonly ids: readonly string[];
  /** "cache.t4g.micro". */
  readonly type: string;
  /** A full Redis refuses writes and forgets nothing: `maxmemory-policy` is "noeviction". */
  readonly keepsAll: boolean;
}

/** All sizes of t3 and t4g, and each other family's smallest. */
const TWO_VCPUS = /^cache\.t|\.large$/;
/** Percent of one core, where AWS advises an alarm: Redis computes on no other. */
const BUSY = 90;

/** The alarms of the nodes of a cache, a node's number ("001") in each id. A failover makes any node the primary: each has its own. */
export function cacheAlarms(nodes: CacheNodes): AlarmSpec[] {
  return nodes.ids.flatMap((node) => [memoryAlarm(node, nodes), ...evictionAlarms(node, nodes), cpuAlarm(node, nodes)]);
}

/** The graphs of all the nodes of a cache. */
export function cacheGraphs({ ids, type, keepsAll }: CacheNodes): Graph[] {
  const each = (name: string, statistic: string): Graph["metrics"] =>
    ids.map((node) => ({ ...nodeMetric(node, name, statistic), label: numberOf(node) }));
  return [
    { title: "Cache CPU", metrics: each(cpuOf(type).name, "Average"), unit: "Percent" },
    { title: "Cache memory", metrics: each("DatabaseMemoryUsagePercentage", "Maximum"), unit: "Percent" },
    ...(keepsAll ? [] : [{ title: "Cache evictions", metrics: each("Evictions", "Sum"), unit: "Count" }]),
    { title: "Cache connections", metrics: each("CurrConnections", "Maximum"), unit: "Count" },
  ];
}

/** Tells of a node that died too: it sends nothing. A new one sends its first data when ElastiCache says that it is there, or minutes later. */
function memoryAlarm(node: string, { keepsAll }: CacheNodes): AlarmSpec {
  const full = keepsAll
    ? "when it is full, Redis refuses all writes"
    : "when it is full, Redis evicts keys or refuses writes";
  return {
    id: `memory-${numberOf(node)}`,
    severity: keepsAll ? "critical" : "warning",
    description:
      `More than 80 % of the cache's memory has been in use for 10 minutes (${full}), or its node has sent nothing for as ` +
      "long: it is dead. Look first at the cache's events in ElastiCache, then at keys without an expiry (redis-cli " +
      "--bigkeys); then take a larger node.",
    metric: nodeMetric(node, "DatabaseMemoryUsagePercentage", "Maximum"),
    threshold: 80,
    minutes: 10, // ElastiCache puts a new node in a dead one's place by itself, which takes some.
    missing: "alarm",
  };
}

function evictionAlarms(node: string, { keepsAll }: CacheNodes): AlarmSpec[] {
  if (keepsAll) return [];
  return [
    {
      id: `evictions-${numberOf(node)}`,
      severity: "warning",
      description:
        "The cache has thrown out keys before they expired for 5 minutes, for want of memory. Look first at its memory and " +
        "what grew last, then take a larger node.",
      metric: nodeMetric(node, "Evictions", "Sum"),
      threshold: 0,
      minutes: 5,
    },
  ];
}

function cpuAlarm(node: string, { type }: CacheNodes): AlarmSpec {
  const { name, threshold, busy } = cpuOf(type);
  return {
    id: `cpu-${numberOf(node)}`,
    severity: "warning",
    description:
      `${busy}; every client waits in line. Look first at the cache's metrics EvalBasedCmdsLatency, ` +
      "SortedSetBasedCmdsLatency and so on for the kind of command that takes long, then at a node type with a faster core.",
    metric: nodeMetric(node, name, "Average"),
    threshold,
    minutes: 15,
  };
}

/**
 * What tells that Redis's one thread is busy: its own core's EngineCPUUtilization on four vCPUs or more, a share of the
 * whole node's CPUUtilization on two, as AWS advises (ElastiCache User Guide, "Which metrics should I monitor?").
 */
function cpuOf(type: string): { readonly name: string; readonly threshold: number; readonly busy: string } {
  if (!TWO_VCPUS.test(type)) {
    const busy = `Redis's one thread has been busy for more than ${String(BUSY)} % of 15 minutes`;
    return { name: "EngineCPUUtilization", threshold: BUSY, busy };
  }
  const threshold = BUSY / 2;
  const busy = `More than ${String(threshold)} % of the cache's two CPUs, nearly all of the one that Redis computes on, has been in use for 15 minutes`;
  return { name: "CPUUtilization", threshold, busy };
}

function nodeMetric(node: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/ElastiCache", name, dimensions: { CacheClusterId: node }, statistic };
}

function numberOf(node: string): string {
  return node.slice(-3);
}
