import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loggedIn } from '#kit/node/find-logged.ts';
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { DomainView } from '#contract/api/domains.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { MetricCatalogue } from '#contract/catalogue/metrics.ts';
import type { Permission } from '#contract/ids.ts';
import { type Core, createCore } from '../compose.ts';
import type { CoreDrivers } from '../compose-drivers.ts';
import { createFileZoneStorage } from '../drivers/dns/builtin/file-storage.ts';
import { openInProcess } from '../drivers/dns/builtin/fixtures/in-process.ts';
import { openDnsDriver } from '../drivers/dns/open-driver.ts';
import { createPayloads } from '../drivers/packages/index.ts';
import { createPki } from '../drivers/pki/create-pki.ts';
import { createFileKeeper } from '../drivers/secrets/file-keeper.ts';
import { openSecrets } from '../drivers/secrets/open-secrets.ts';
import { openSqliteStore } from '../drivers/store/sqlite/index.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { createIds } from '../drivers/system/ids.ts';
import { createLog } from '../drivers/system/log.ts';
import type { Clock } from '../ports/clock.ts';
import type { RequestContext } from '../ports/request.ts';
import type { FailPoint } from '../engine/job-table.ts';
import { createFakeAgent, type FakeAgent, type FakeAgentOptions } from './fake-agent.ts';
import { createFakeAgentLinks } from './fake-agent-links.ts';
import { createFakeLocalAgents } from './fake-local-agents.ts';
import { createFakePayloads } from './fake-payloads.ts';
import { createFakeProbe } from './fake-probe.ts';
import { createFakeSpace } from './fake-space.ts';

export type TestCoreOptions = {
  /** So many servers in a started farm with the domain `farm.test`; absent: a home without a farm. */
  readonly servers?: number;
  /** This computer's, unless a test wants to move time itself. */
  readonly clock?: Clock;
  /** A home that is kept between cores of one test; the test removes it. */
  readonly home?: string;
  /** False: a computer on whose system no agents run. */
  readonly canRunAgents?: boolean;
  /** In the place of those that are made. */
  readonly drivers?: Partial<CoreDrivers>;
  /** Goes round each call of an agent's command. */
  readonly around?: Parameters<typeof createFakeAgentLinks>[0]['around'];
  /** Where the test stops jobs: see `engine/job-table.ts`. */
  readonly failPoint?: FailPoint;
  /** In the place of the program's metrics. */
  readonly metrics?: MetricCatalogue;
};

type AddDomain = Parameters<RouterClient<Core['router']>['domains']['add']>[0];
export type TestCore = Awaited<ReturnType<typeof createTestCore>>;
const packagesFolder = fileURLToPath(new URL('../../assets/packages', import.meta.url));
const serverNames = ['Oak', 'Pine', 'Larch', 'Rowan', 'Birch', 'Maple', 'Alder', 'Willow'];
export const testDomain = 'farm.test';

/** The core with its real services, store, secrets, keys and name server in a temporary home; agents, payloads and the outside are in memory. */
export async function createTestCore(options: TestCoreOptions = {}) {
  const clock = options.clock ?? systemClock;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'farm-core-')));
  const logLines: string[] = [];
  const log = createLog({ clock, source: 'test', write: (line) => void logLines.push(line) });
  const links = createFakeAgentLinks({ clock, ...(options.around === undefined ? {} : { around: options.around }) });
  const agents: FakeAgent[] = [];
  const reach = (address: string, agent: FakeAgent): void => {
    if (!agents.includes(agent)) agents.push(agent);
    links.add(address, agent);
  };
  const leave = (address: string, agent: FakeAgent | undefined): void => {
    links.remove(address);
    if (agent !== undefined) agents.splice(agents.indexOf(agent), 1);
  };
  const store = options.drivers?.store ?? (await openSqliteStore({ file: join(home, 'farm.sqlite'), clock }));
  const dnsContext = {
    resolveHost: async () => ['127.0.0.1'],
    timeoutMs: 2000,
    zoneStorage: createFileZoneStorage(join(home, 'zones.json')),
    openServer: openInProcess,
    listen: { address: '127.0.0.1', ports: [0] },
  };
  const drivers: CoreDrivers = {
    store,
    secrets: await openSecrets({ folder: home, keepers: [createFileKeeper(join(home, 'data.key'))] }),
    ids: createIds(clock),
    pki: createPki(),
    links,
    payloads: createFakePayloads(createPayloads({ packagesFolder, cacheFolder: join(home, 'payloads'), log })),
    probe: createFakeProbe({ clock, agents: () => agents }),
    localAgents: { ...createFakeLocalAgents({ clock, reach, leave }), isSupported: options.canRunAgents ?? true },
    space: createFakeSpace(home),
    createDns: (kind, credentials) => openDnsDriver(kind, credentials, dnsContext),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    findLogged: async (reference) => {
      const logged = loggedIn(Buffer.from(logLines.join('\n')), reference);
      return logged && { log: 'core.log', ...logged };
    },
    ...options.drivers,
  };
  const { failPoint, metrics } = options;
  const core = await createCore({
    home,
    version: '0.1.0',
    clock,
    log,
    drivers,
    timeZone: 'UTC',
    ...(failPoint === undefined ? {} : { failPoint }),
    ...(metrics === undefined ? {} : { metrics }),
  });
  const as = (permission: Permission, name = 'tester'): RouterClient<Core['router']> => {
    const context: RequestContext = { actor: { kind: 'operator', name }, permission };
    return createRouterClient(core.router, { context });
  };
  const client = as('own');
  let keys = 0;
  const key = (): string => {
    keys += 1;
    return `test-key-${keys}`;
  };
  await core.start();

  /** Follows a job until it has ended or stopped, and answers with it as it is then. */
  const settled = async (job: JobView): Promise<JobView> => {
    let last = job;
    for await (const view of await client.jobs.watch({ jobId: job.id })) {
      last = view;
      if (view.state === 'stopped') break;
    }
    return last;
  };
  /** Adds a domain, of the built-in name server where nothing else is said, waits until it can be used, and answers with it. Throws where the job stops. */
  const addDomain = async (name: string, dns: AddDomain['dns'] = { kind: 'builtin' }): Promise<DomainView> => {
    const job = await settled(await client.domains.add({ name, dns, requestKey: key() }));
    const domain = (await client.domains.list()).domains.find(({ id }) => id === job.subject.id);
    if (job.state !== 'done' || domain === undefined) throw new Error(`${name}: ${job.state} ${JSON.stringify(job.failure)}`);
    return domain;
  };
  const addServer = async (name: string, more: Partial<FakeAgentOptions> = {}): Promise<FakeAgent> => {
    const agent = createFakeAgent({ name, clock, publicAddress: `198.51.100.${agents.length + 1}`, ...more });
    const address = `${name.toLowerCase()}.test:7443`;
    reach(address, agent);
    const joined = await settled(await client.servers.add({ address, code: agent.code, name, requestKey: key() }));
    if (joined.state !== 'done') throw new Error(`${name} did not join: ${JSON.stringify(joined.failure)}`);
    return agent;
  };
  if (options.servers !== undefined && !core.hasFarm()) {
    await client.settings.startFarm({ name: 'Test farm', language: 'en', timeZone: 'UTC', requestKey: key() });
    await addDomain(testDomain);
    for (const name of serverNames.slice(0, options.servers)) await addServer(name);
  }
  return {
    core,
    home,
    client,
    as,
    /** A new request key with each call. */
    key,
    clock,
    log,
    logLines,
    links,
    drivers,
    agents,
    addServer,
    addDomain,
    settled,
    close: async (): Promise<void> => {
      await core.close();
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}
