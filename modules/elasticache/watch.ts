import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";

/** The alarms of one Redis node, its id ("001") in theirs. A failover makes any node the primary: each has its own. */
export function nodeAlarms(node: string): AlarmSpec[] {
  const number = node.slice(-3);
  return [
    {
      id: `memory-${number}`,
      severity: "warning",
      description:
        "More than 80 % of the cache's memory has been in use for 15 minutes; when it is full, Redis evicts keys or refuses " +
        "writes. Look first at keys without an expiry (redis-cli --bigkeys), then take a larger node.",
      metric: nodeMetric(node, "DatabaseMemoryUsagePercentage", "Maximum"),
      threshold: 80,
      minutes: 15,
    },
    {
      id: `evictions-${number}`,
      severity: "warning",
      description:
        "The cache has thrown out keys before they expired for 5 minutes, for want of memory: what it held is read again " +
        "from the database. Look first at its memory and what grew last, then take a larger node.",
      metric: nodeMetric(node, "Evictions", "Sum"),
      threshold: 0,
      minutes: 5,
    },
    {
      id: `cpu-${number}`,
      severity: "warning",
      description:
        "Redis's one thread has been busy for more than 80 % of 15 minutes; every client waits in line. Look first at the cache's " +
        "metrics EvalBasedCmdsLatency, SortedSetBasedCmdsLatency and so on for the kind of command that takes long, then at a " +
        "node type with a faster core.",
      metric: nodeMetric(node, "EngineCPUUtilization", "Average"),
      threshold: 80,
      minutes: 15,
    },
  ];
}

/** The graphs of all the nodes of a cache. */
export function cacheGraphs(nodes: readonly string[]): Graph[] {
  const each = (name: string, statistic: string): Graph["metrics"] =>
    nodes.map((node) => ({ ...nodeMetric(node, name, statistic), label: node.slice(-3) }));
  return [
    { title: "Cache CPU", metrics: each("EngineCPUUtilization", "Average"), unit: "Percent" },
    { title: "Cache memory", metrics: each("DatabaseMemoryUsagePercentage", "Maximum"), unit: "Percent" },
    { title: "Cache evictions", metrics: each("Evictions", "Sum"), unit: "Count" },
    { title: "Cache connections", metrics: each("CurrConnections", "Maximum"), unit: "Count" },
  ];
}

function nodeMetric(node: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/ElastiCache", name, dimensions: { CacheClusterId: node }, statistic };
}
