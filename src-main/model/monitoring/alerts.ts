import type { Failure } from '#contract/errors.ts';
import type { CertificateView } from '#contract/api/certificates.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Totals, Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';

const instanceAlerts = {
  missing: 'instance-missing',
  down: 'instance-down',
  'crash-loop': 'instance-crash-loop',
  unhealthy: 'instance-unhealthy',
} as const;
const serverAlerts = {
  agent: 'server-agent',
  'agent-hangs': 'server-agent',
  network: 'server-network',
  'agent-or-network': 'server-network',
  clock: 'server-clock',
  disk: 'server-disk',
  edge: 'server-edge',
  redirect: 'server-redirect',
  identity: 'server-identity',
} as const;
const certificateAlerts = { 'ends-soon': 'certificate-ends', ended: 'certificate-ended' } as const;
const rank = { bad: 0, warning: 1, unknown: 2, working: 3, paused: 4, good: 5 } as const;

function has<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}

/** Something on a server that could not be put in order; it is tried again. */
export type DriftSigns = {
  readonly serverId: string;
  readonly kind: 'certificate' | 'route' | 'package';
  readonly name: string;
  readonly failure: Failure;
  readonly sinceMs: number;
};

export type AlertSources = {
  readonly servers: readonly ServerView[];
  readonly instances: readonly InstanceView[];
  readonly jobs: readonly JobView[];
  readonly certificates: readonly CertificateView[];
  readonly drifts?: readonly DriftSigns[];
  /** The newest fault of the program itself that nobody was told of in an answer. */
  readonly fault?: { readonly reference: string; readonly count: number; readonly atMs: number } | undefined;
  /** The disk of the farm's own home; absent while it has room. */
  readonly home?: HomeTrouble | undefined;
};
export type HomeTrouble = {
  readonly path: string;
  readonly freeBytes: number;
  readonly state: 'low' | 'full';
  readonly sinceMs: number;
  readonly farmId: string;
};
const mebibyte = 2 ** 20;

/** What needs a person, worst first, then newest. What stands on a lost server is not told again: the server is one alert. */
export function alertsOf(sources: AlertSources): Alert[] {
  const alerts: Alert[] = [];
  const lost = new Set<string>();
  const { home } = sources;
  if (home !== undefined) {
    const { path, freeBytes, state, sinceMs } = home;
    alerts.push({
      id: 'home',
      mark: state === 'full' ? 'bad' : 'warning',
      code: 'home-disk',
      parameters: { path, freeMegabytes: Math.floor(freeBytes / mebibyte), isFull: state === 'full' ? 'yes' : 'no' },
      sinceMs,
      target: { kind: 'farm', id: home.farmId },
    });
  }
  for (const server of sources.servers) {
    const { code, mark, parameters, sinceMs } = server.condition;
    if (!has(serverAlerts, code)) continue;
    if (mark === 'bad') lost.add(server.id);
    const instances = server.field.length;
    // Silence alone does not tell a hanging agent from a cut line.
    const mayBeAgent = code === 'agent-or-network' ? 'yes' : 'no';
    alerts.push({
      id: `server:${server.id}`,
      mark,
      code: serverAlerts[code],
      parameters: { ...parameters, server: server.name, instances, mayBeAgent },
      sinceMs,
      target: { kind: 'server', id: server.id },
    });
  }
  for (const instance of sources.instances) {
    const { code, mark, parameters, sinceMs } = instance.condition;
    if (!has(instanceAlerts, code) || (instance.server !== undefined && lost.has(instance.server.id))) continue;
    const named = { ...parameters, name: instance.name, server: instance.server?.name ?? '' };
    alerts.push({
      id: `instance:${instance.id}`,
      mark,
      code: instanceAlerts[code],
      parameters: named,
      sinceMs,
      target: { kind: 'instance', id: instance.id },
    });
  }
  for (const { serverId, kind, name, failure, sinceMs } of sources.drifts ?? []) {
    const server = sources.servers.find(({ id }) => id === serverId);
    // Of a server that cannot be reached nothing else is told, and one that has gone drifts no more.
    if (server === undefined || lost.has(serverId) || failure.code === 'SERVER_UNREACHABLE') continue;
    alerts.push({
      id: `drift:${serverId}:${kind}:${name}`,
      mark: 'warning',
      code: 'server-drift',
      parameters: { what: kind, name, server: server.name },
      failure,
      sinceMs,
      target: { kind: 'server', id: serverId },
    });
  }
  for (const job of sources.jobs) {
    if (job.state !== 'stopped') continue;
    const step = job.steps.findIndex((candidate) => candidate.state === 'failed' || candidate.failure !== undefined);
    // A failure has parameters of its own names, and one of them may be a step too: what the sentence says of the job stands.
    const said = { name: job.subject.name, type: job.type, step: step + 1, steps: job.steps.length, failure: job.failure?.code ?? '' };
    const parameters = { ...job.failure?.parameters, ...said };
    alerts.push({
      id: `job:${job.id}`,
      mark: 'bad',
      code: 'job-stopped',
      parameters,
      sinceMs: job.endedAtMs ?? job.createdAtMs,
      target: { kind: 'job', id: job.id },
    });
  }
  for (const certificate of sources.certificates) {
    const { code, mark, parameters } = certificate.condition;
    if (!has(certificateAlerts, code)) continue;
    const named = { ...parameters, names: certificate.names.join(', ') };
    alerts.push({
      id: `certificate:${certificate.id}`,
      mark,
      code: certificateAlerts[code],
      parameters: named,
      sinceMs: certificate.notAfterMs,
      target: { kind: 'certificate', id: certificate.id },
    });
  }
  const { fault } = sources;
  if (fault !== undefined) {
    const { reference, count, atMs } = fault;
    alerts.push({
      id: 'program',
      mark: 'warning',
      code: 'program-fault',
      parameters: { reference, count },
      sinceMs: atMs,
      target: { kind: 'program', id: reference },
    });
  }
  return alerts.toSorted((one, other) => rank[one.mark] - rank[other.mark] || other.sinceMs - one.sinceMs);
}

/** Would the others take the promises of any one server, by memory? Undefined with fewer than two servers. */
export function survivesOneServer(servers: readonly ServerView[]): boolean | undefined {
  if (servers.length < 2) return undefined;
  return servers.every((failed) => {
    const others = servers.filter((server) => server !== failed && server.condition.mark !== 'bad');
    const left = others.reduce((sum, server) => sum + Math.max(0, server.capacity.memoryBytes - server.promised.memoryBytes), 0);
    return left >= failed.promised.memoryBytes;
  });
}

export type Counted = Pick<Totals, 'instances' | 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown'>;
export function countMarks(instances: readonly InstanceView[]): Counted {
  const counts = { instances: instances.length, good: 0, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
  for (const instance of instances) counts[instance.condition.mark] += 1;
  return counts;
}
