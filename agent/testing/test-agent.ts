import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EdgeCertificate, EdgeRoute, EdgeRouteState, EdgeStatus } from '#contract/agent/edge.ts';
import { chooseOs } from '../os/choose-os.ts';
import type { Isolation } from '../os/identity.ts';
import type { LimitGroups } from '../os/limits.ts';
import { createSystemClock } from '../os/system-clock.ts';
import type { AgentFolders, AgentLog, EdgeControl, FailPoint, VisitorCount, Visitors } from '../ports.ts';
import { foldersOf, prepareHome } from '../state/home.ts';
import { createInstanceLogs } from '../state/instance-logs.ts';
import { openInstanceStore } from '../state/instance-store.ts';
import { openPackageStore } from '../state/package-store.ts';
import { agentKeyOf } from '../start-agent.ts';
import { createSupervisor } from '../supervise/supervisor.ts';

export type LogEntry = { readonly event: string; readonly fields: Readonly<Record<string, unknown>> };

/** Keeps what was logged; a bug is a failure of the test that looks at `bugs`. */
export function memoryLog(): AgentLog & { readonly entries: LogEntry[]; readonly bugs: unknown[] } {
  const entries: LogEntry[] = [];
  const bugs: unknown[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => void entries.push({ event, fields });
  return { entries, bugs, info: note, warn: note, bug: (error) => String(bugs.push(error)) };
}

/** A home below a folder that other users may pass. */
export async function temporaryHome(
  above: string = tmpdir(),
): Promise<{ readonly folders: AgentFolders; readonly remove: () => Promise<void> }> {
  const base = await mkdtemp(join(above, 'farm-agent-'));
  await chmod(base, 0o755);
  return { folders: foldersOf(join(base, 'home')), remove: () => rm(base, { recursive: true, force: true, maxRetries: 5 }) };
}

const nobodyWaits: VisitorCount = { isHeld: true, isComplete: true, waiting: 0, unanswered: 0, answering: 0 };
/** Nobody visits. */
const noVisitors: Visitors = {
  hold: () => Promise.resolve(nobodyWaits),
  settled: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/** An edge that only remembers. */
export function rememberingEdge(): EdgeControl & { readonly history: string[]; isRunning: boolean } {
  const routes = new Map<string, EdgeRoute>();
  const certificates = new Map<string, EdgeCertificate>();
  const status = (): Promise<EdgeStatus> =>
    Promise.resolve({
      processId: 1,
      startedAtMs: 1,
      version: 'test',
      bundleSha256: '',
      httpsPort: 8443,
      httpPort: 8080,
      routeCount: routes.size,
      certificateCount: certificates.size,
      openConnections: 0,
      requestCount: 0,
    });
  const edge = {
    history: [] as string[],
    isRunning: false,
    ensure: () => {
      edge.isRunning = true;
      return status();
    },
    putRoute: (route: EdgeRoute) => {
      routes.set(route.host, route);
      edge.history.push(`${route.host} ${route.state}`);
      return Promise.resolve();
    },
    removeRoute: (host: string) => {
      if (routes.delete(host)) edge.history.push(`${host} removed`);
      return Promise.resolve();
    },
    routes: () => Promise.resolve([...routes.values()]),
    putCertificate: (certificate: EdgeCertificate) => Promise.resolve(void certificates.set(certificate.certificateId, certificate)),
    removeCertificate: (certificateId: string) => Promise.resolve(void certificates.delete(certificateId)),
    certificates: () => Promise.resolve([...certificates.values()]),
    status,
    health: () => ({
      ...{ state: 'serving' as const, port: 8443, owner: '', cause: '', sinceMs: 1 },
      redirect: { isListening: true, port: 8080, owner: '', cause: '' },
    }),
    onHealth: () => () => undefined,
    listeners: () => ({
      https: { address: '127.0.0.1', port: 8443, isListening: true, problem: '' },
      http: { address: '127.0.0.1', port: 8080, isListening: true, problem: '' },
    }),
    user: () => undefined,
    hold: () => Promise.resolve(nobodyWaits),
    release: () => Promise.resolve(),
    findPage: () => Promise.resolve(undefined),
    upgrade: status,
    stop: () => {
      edge.isRunning = false;
      return Promise.resolve();
    },
  };
  return edge;
}

type Options = {
  readonly failPoint?: FailPoint;
  readonly agentKey?: string;
  readonly isolation?: () => Isolation;
  readonly logBytes?: number;
  readonly visitors?: Visitors;
  readonly limits?: LimitGroups;
};

/** The real stores and the real supervisor over a home, as `start-agent.ts` puts them together. Called again, it is the agent's next life. */
export async function openSupervision(folders: AgentFolders, options: Options = {}) {
  const { failPoint = () => undefined, agentKey = folders.home, logBytes } = options;
  const os = chooseOs();
  const clock = createSystemClock();
  const log = memoryLog();
  const limits = options.limits ?? os.limitGroups(agentKeyOf(folders.home));
  const isolation = options.isolation ?? (() => os.isolation([join(folders.home, '..'), process.execPath]));
  const isIsolated = isolation().state === 'own';
  await prepareHome(folders, os, isIsolated);
  const instances = await openInstanceStore(join(folders.state, 'instances'), log);
  const packages = await openPackageStore(join(folders.state, 'packages'), log);
  const logs = createInstanceLogs({ folder: folders.logs, clock, ...(logBytes === undefined ? {} : { maximumBytes: logBytes }) });
  const states: string[] = [];
  const ports: (readonly [EdgeRouteState, number])[] = [];
  const supervisor = createSupervisor({
    os,
    clock,
    log,
    folders,
    instances,
    packages,
    logs,
    runtime: process.execPath,
    agentKey,
    isolation: () => Promise.resolve(isolation()),
    guardPorts: () => Promise.resolve(),
    limits,
    onRouteState: (_host: string, _instanceId: string, state: EdgeRouteState, port: number) => {
      ports.push([state, port]);
      if (states.at(-1) !== state) states.push(state);
    },
    visitors: options.visitors ?? noVisitors,
    failPoint,
  });
  return { os, clock, log, limits, instances, packages, logs, supervisor, states, ports, isIsolated };
}

/** Waits for something that comes by itself; throws with what was seen last. */
export async function eventually<T>(look: () => T | Promise<T>, isGood: (seen: T) => boolean, withinMs = 8000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isGood(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`did not come: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
