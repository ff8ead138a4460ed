import { createHash } from 'node:crypto';
import { createRouterClient, implement } from '@orpc/server';
import type { EdgeCertificate, EdgeRoute } from '#contract/agent/edge.ts';
import { agentApi } from '#contract/agent/index.ts';
import type { AgentInstance, AgentLogLine, InstanceSpec, QuietReport } from '#contract/agent/instances.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import type { InstalledPackage } from '#contract/agent/packages.ts';
import type { HostFacts, ServerReference, ServerSigns } from '#contract/agent/servers.ts';
import type { Resources } from '#contract/api/base.ts';
import { FarmError } from '#contract/errors.ts';
import { type PackageManifest, packageManifest } from '#contract/package-manifest.ts';
import { agreedPart } from '../model/packages/network-asks.ts';
import type { AgentClient } from '../ports/agent-writes.ts';
import type { Clock } from '../ports/clock.ts';
import { createFakeStream } from './fake-stream.ts';
import { createFakeMonitoring } from './fake-monitoring.ts';

export type FakeAgentOptions = {
  readonly name: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Where visitors reach its edge. */
  readonly publicAddress: string;
  readonly capacity?: Resources;
  readonly httpsPort?: number;
  /** Where its edge listens; agents of the first days do not tell. */
  readonly edgeAddress?: string;
  /** Of before metrics had names: it lacks those commands and sends the first form. */
  readonly isOld?: boolean;
};

type Kept = { readonly spec: InstanceSpec; instance: AgentInstance; readonly lines: AgentLogLine[] };
const gigabyte = 1024 ** 3;

/**
 * An agent in memory that keeps the promises of the contract: every command is repeatable, payloads are uploaded in pieces and hashed, a package
 * in use stays, nothing of a removed instance remains. `failures` makes a command fail as often as it is told.
 */
export function createFakeAgent(options: FakeAgentOptions) {
  const { clock, name } = options;
  const fingerprint = createHash('sha256').update(`key of ${name}`).digest('hex');
  const instances = new Map<string, Kept>();
  const installed = new Map<string, InstalledPackage & { readonly manifest: PackageManifest }>();
  const uploads = new Map<string, Buffer>();
  const routes = new Map<string, EdgeRoute>();
  const certificates = new Map<string, EdgeCertificate>();
  const failures = new Map<string, { error: FarmError; left: number }>();
  const broken = new Set<string>();
  const changed = createFakeStream<{ instances: AgentInstance[]; removed: string[] }>();
  const monitoring = createFakeMonitoring(options.isOld ?? false);
  const written = createFakeStream<{ readonly instanceId: string; readonly lines: AgentLogLine[] }>();
  const said = createFakeStream<ServerSigns>();
  let signs: ServerSigns = {};
  let processes = 1000;
  let farmId: string | undefined;
  let serverId: string | undefined;

  const facts: HostFacts = {
    hostName: name.toLowerCase(),
    os: 'linux',
    osName: 'Debian',
    osVersion: '12',
    arch: 'x64',
    nodeVersion: '24.21.0',
    cpuCount: 4,
    capacity: options.capacity ?? { memoryBytes: 8 * gigabyte, cpuMillicores: 4000, diskBytes: 100 * gigabyte },
    isSimulated: options.capacity !== undefined,
    isIsolated: true,
    addresses: [{ address: options.publicAddress, family: 'IPv4', isLoopback: options.publicAddress.startsWith('127.') }],
    httpsPort: options.httpsPort ?? 443,
    httpPort: 80,
    ...(options.edgeAddress === undefined ? {} : { edgeAddress: options.edgeAddress }),
    timeZone: 'UTC',
    bootedAtMs: 0,
  };
  const kept = (instanceId: string): Kept => {
    const found = instances.get(instanceId);
    if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: instanceId });
    return found;
  };
  const write = (one: Kept, ...lines: AgentLogLine[]): void => {
    one.lines.push(...lines);
    written.push({ instanceId: one.spec.instanceId, lines });
  };
  const keyOf = (manifestHash: string, payload: string): string => `${manifestHash}/${payload}`;
  const change = (one: Kept, next: Partial<AgentInstance>): AgentInstance => {
    one.instance = { ...one.instance, ...next };
    changed.push({ instances: [one.instance], removed: [] });
    return one.instance;
  };
  /** As a real agent: a route that is not suspended follows its application. */
  const follow = (one: Kept, state: 'running' | 'broken'): void => {
    const route = routes.get(one.spec.host);
    if (route !== undefined && route.state !== 'suspended' && route.instanceId === one.spec.instanceId)
      routes.set(one.spec.host, { ...route, state });
  };
  const begin = (one: Kept): AgentInstance => {
    if (one.instance.process.state === 'running') return one.instance;
    processes += 1;
    follow(one, 'running');
    write(one, { atMs: clock.nowMs(), stream: 'out', text: `${one.spec.name} listens on port ${one.instance.port}` });
    if (broken.has(one.spec.instanceId)) {
      const process = { state: 'running' as const, processId: processes, startedAtMs: clock.nowMs() };
      change(one, { wanted: 'running', process, health: 'unhealthy', healthAnswer: '500' });
      throw new FarmError('APPLICATION_NOT_HEALTHY', { name: one.spec.name, path: '/', answered: '500', seconds: 60 });
    }
    return change(one, {
      wanted: 'running',
      process: { state: 'running', processId: processes, startedAtMs: clock.nowMs() },
      health: 'healthy',
      healthAnswer: '200',
      healthAtMs: clock.nowMs(),
      answerMs: 4,
    });
  };
  let quiet: QuietReport = { state: 'still', waitedMs: 100, isHeld: true, inFlight: 0, streams: 0, folder: 'still' };
  /** Of restarts whose start failed: see the contract. */
  const untold = new Map<string, { readonly quiet?: QuietReport }>();
  const end = (one: Kept): AgentInstance => {
    untold.delete(one.spec.instanceId);
    follow(one, 'broken');
    return change(one, { wanted: 'stopped', process: { state: 'none' }, health: 'unknown', healthAnswer: '' });
  };

  const references = new Map<string, ServerReference>();
  const holds = new Map<string, Promise<void>>();
  const held = new Set<string>();
  const os = implement(agentApi).use(async ({ next, path }) => {
    const hold = holds.get(path.join('.'));
    if (hold !== undefined) {
      held.add(path.join('.'));
      await hold;
    }
    const planned = failures.get(path.join('.'));
    if (planned !== undefined && planned.left > 0) {
      planned.left -= 1;
      throw planned.error;
    }
    return next();
  });
  const router = os.router({
    certificates: {
      install: os.certificates.install.handler(({ input }) => {
        certificates.set(input.certificate.certificateId, input.certificate);
        return {};
      }),
      remove: os.certificates.remove.handler(({ input }) => {
        certificates.delete(input.certificateId);
        return {};
      }),
      list: os.certificates.list.handler(() => ({ certificates: [...certificates.values()] })),
    },
    edge: {
      putRoute: os.edge.putRoute.handler(({ input }) => {
        routes.set(input.host, input);
        return {};
      }),
      removeRoute: os.edge.removeRoute.handler(({ input }) => {
        const isAnothers = input.instanceId !== undefined && routes.get(input.host)?.instanceId !== input.instanceId;
        if (!isAnothers) routes.delete(input.host);
        return {};
      }),
      routes: os.edge.routes.handler(() => ({ routes: [...routes.values()] })),
      status: os.edge.status.handler(() => ({
        processId: 900,
        startedAtMs: 0,
        version: '0.1.0',
        bundleSha256: '0'.repeat(64),
        httpsPort: facts.httpsPort,
        httpPort: facts.httpPort,
        routeCount: routes.size,
        certificateCount: certificates.size,
        openConnections: 0,
        requestCount: 0,
      })),
    },
    instances: {
      list: os.instances.list.handler(() => ({ instances: [...instances.values()].map((one) => one.instance) })),
      describe: os.instances.describe.handler(({ input }) => ({ ...kept(input.instanceId).instance, ...untold.get(input.instanceId) })),
      create: os.instances.create.handler(({ input }) => {
        if (!installed.has(keyOf(input.manifestHash, input.payload)))
          throw new FarmError('NOT_FOUND', { kind: 'package', name: input.payload });
        const before = instances.get(input.instanceId);
        if (before !== undefined) return before.instance;
        const instance: AgentInstance = {
          instanceId: input.instanceId,
          name: input.name,
          host: input.host,
          wanted: 'stopped',
          process: { state: 'none' },
          health: 'unknown',
          healthAnswer: '',
          selfCheck: 'none',
          restarts: 0,
          port: 20_000 + instances.size,
          user: `farm-${instances.size}`,
          folder: `/srv/${input.instanceId}`,
          ...(input.network === undefined ? {} : { network: { asked: input.network, allowed: input.network } }),
        };
        const one: Kept = { spec: input, instance, lines: [] };
        instances.set(input.instanceId, one);
        return change(one, {});
      }),
      allow: os.instances.allow.handler(({ input }) => {
        const one = kept(input.instanceId);
        const { network } = one.instance;
        return network === undefined
          ? one.instance
          : change(one, { network: { ...network, allowed: agreedPart(network.asked, input.network) } });
      }),
      start: os.instances.start.handler(({ input }) => begin(kept(input.instanceId))),
      stop: os.instances.stop.handler(({ input }) => {
        const one = kept(input.instanceId);
        const hadProcess = one.instance.process.state !== 'none';
        return { ...end(one), ...(hadProcess ? { quiet } : {}) };
      }),
      restart: os.instances.restart.handler(({ input }) => {
        const one = kept(input.instanceId);
        const told = one.instance.process.state === 'none' ? {} : { quiet };
        end(one);
        try {
          return { ...begin(one), ...told };
        } catch (error) {
          untold.set(input.instanceId, told);
          throw error;
        }
      }),
      remove: os.instances.remove.handler(({ input }) => {
        const one = instances.get(input.instanceId);
        if (one === undefined) return { removed: [] };
        instances.delete(input.instanceId);
        changed.push({ instances: [], removed: [input.instanceId] });
        const removed = ['process' as const, 'folder' as const, 'user' as const, 'port' as const, 'log' as const];
        return { removed, ...(one.instance.process.state === 'none' ? {} : { quiet }) };
      }),
      remains: os.instances.remains.handler(({ input }) => {
        const one = instances.get(input.instanceId);
        const isThere = one !== undefined;
        const { process } = one?.instance ?? { process: { state: 'none' as const } };
        return {
          processIds: process.state === 'running' ? [process.processId] : [],
          hasFolder: isThere,
          hasUser: isThere,
          isPortOpen: process.state === 'running',
          hasState: isThere,
        };
      }),
      watch: os.instances.watch.handler(({ signal }) =>
        changed.follow([{ instances: [...instances.values()].map((one) => one.instance), removed: [] }], signal),
      ),
      log: os.instances.log.handler(({ input }) => ({ lines: kept(input.instanceId).lines.slice(-input.lines) })),
      followLog: os.instances.followLog.handler(async function* ({ input, signal }) {
        const first = { instanceId: input.instanceId, lines: kept(input.instanceId).lines.slice(-input.lines) };
        for await (const { instanceId, lines } of written.follow([first], signal)) if (instanceId === input.instanceId) yield { lines };
      }),
    },
    link: {
      hello: os.link.hello.handler(({ input }) => ({
        serverId: input.serverId,
        agentVersion: '0.1.0',
        protocol: input.protocol,
        commands: ['servers.facts'],
        bootId: 'boot',
        nowMs: clock.nowMs(),
      })),
      beats: os.link.beats.handler(async function* ({ signal }) {
        await new Promise<void>((resolve) => (signal === undefined ? resolve() : signal.addEventListener('abort', () => resolve())));
      }),
      leave: os.link.leave.handler(() => {
        const left = [...instances.keys()];
        for (const all of [instances, routes, certificates, installed]) all.clear();
        farmId = undefined;
        return { left };
      }),
    },
    monitoring: monitoring.routerOf(os.monitoring),
    packages: {
      list: os.packages.list.handler(() => ({ packages: [...installed.values()] })),
      status: os.packages.status.handler(({ input }) => ({
        haveBytes: uploads.get(input.payload)?.length ?? 0,
        isInstalled: [...installed.values()].some((one) => one.payload === input.payload),
      })),
      upload: os.packages.upload.handler(({ input }) => {
        const have = uploads.get(input.payload.sha256) ?? Buffer.alloc(0);
        const piece = Buffer.from(input.data, 'base64');
        const next = input.offset === have.length ? Buffer.concat([have, piece]) : have;
        uploads.set(input.payload.sha256, next);
        return { haveBytes: next.length };
      }),
      install: os.packages.install.handler(({ input }) => {
        const { manifest: signed, payload } = input;
        const have = uploads.get(payload.sha256) ?? Buffer.alloc(0);
        const manifest = packageManifest.parse(JSON.parse(signed.manifestJson));
        const known = installed.get(keyOf(signed.manifestHash, payload.sha256));
        if (known !== undefined) return known;
        if (have.length !== payload.sizeBytes)
          throw new FarmError('PAYLOAD_CUT', { packageId: manifest.id, haveBytes: have.length, wantBytes: payload.sizeBytes });
        const actual = createHash('sha256').update(have).digest('hex');
        if (actual !== payload.sha256) {
          uploads.delete(payload.sha256);
          throw new FarmError('PAYLOAD_HASH_WRONG', { packageId: manifest.id, expected: payload.sha256, actual });
        }
        const record: InstalledPackage = {
          packageId: manifest.id,
          version: manifest.version,
          manifestHash: signed.manifestHash,
          payload: payload.sha256,
          installedAtMs: clock.nowMs(),
          sizeBytes: payload.sizeBytes,
        };
        installed.set(keyOf(signed.manifestHash, payload.sha256), { ...record, manifest });
        uploads.delete(payload.sha256);
        return record;
      }),
      remove: os.packages.remove.handler(({ input }) => {
        const usedBy = [...instances.values()]
          .filter((one) => one.spec.manifestHash === input.manifestHash && one.spec.payload === input.payload)
          .map((one) => one.spec.instanceId);
        return { isRemoved: usedBy.length === 0 && (installed.delete(keyOf(input.manifestHash, input.payload)) || true), usedBy };
      }),
    },
    servers: {
      facts: os.servers.facts.handler(() => facts),
      findReference: os.servers.findReference.handler(({ input }) => references.get(input.reference) ?? {}),
      watch: os.servers.watch.handler(({ signal }) => said.follow([signs], signal)),
    },
  });

  return {
    name,
    facts,
    fingerprint,
    /** What references lead to on it. */
    references,
    publicAddress: options.publicAddress,
    code: `CODE-OF-${name.toUpperCase()}`,
    farm: (): string | undefined => farmId,
    isOf: (farm: string, server: string): boolean => farmId === farm && serverId === server,
    joined: (farm: string, server: string): void => {
      farmId = farm;
      serverId = server;
    },
    client: createRouterClient(router) as AgentClient,
    instances,
    routes,
    certificates,
    installed,
    /** The next `times` calls of a command, e.g. `instances.start`, throw this. */
    failNext: (command: string, error: FarmError, times = 1): void => void failures.set(command, { error, left: times }),
    /** Its application runs from now on without ever being well; a start of it fails after its time. */
    breaks: (instanceId: string): void => {
      broken.add(instanceId);
      change(kept(instanceId), { health: 'unhealthy', healthAnswer: '500' });
    },
    /** How still its instances are from now on when they are ended. */
    endsAs: (report: QuietReport): void => {
      quiet = report;
    },
    /** A dead edge takes no connection. */
    edge: { isDead: false },
    /** What it watches of its server, from now on. */
    says: (next: ServerSigns): void => {
      signs = next;
      said.push(next);
    },
    /** Whoever follows its list of instances gets to the end of it. */
    endWatching: (): void => changed.end(),
    /** Calls of a command wait until the test lets them go on. */
    hold: (command: string): (() => void) => {
      const hold = Promise.withResolvers<void>();
      holds.set(command, hold.promise);
      return () => {
        holds.delete(command);
        held.delete(command);
        hold.resolve();
      };
    },
    /** A call of a command waits at this moment. */
    isHeld: (command: string): boolean => held.has(command),
    measured: (measured: Measurements): void => monitoring.push(measured),
    /** What an instance's application or its agent writes, by the agent's clock. */
    write: (instanceId: string, ...lines: AgentLogLine[]): void => write(kept(instanceId), ...lines),
    /** As when the application dies by itself. */
    change: (instanceId: string, next: Partial<AgentInstance>): AgentInstance => change(kept(instanceId), next),
  };
}
export type FakeAgent = ReturnType<typeof createFakeAgent>;
