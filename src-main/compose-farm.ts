import { createSharedTurn } from '#kit/node/shared-turn.ts';
import { createFollowServer } from './follow/follow-server.ts';
import { createReconcile } from './follow/reconcile.ts';
import { metricCatalogue } from '#contract/catalogue/metrics.ts';
import { changeWords } from '#words/say-change.ts';
import { createTranslate, type WordKey } from '#words/translate.ts';
import type { CoreOptions } from './compose.ts';
import { createDomainTables } from './compose-domains.ts';
import { createInstanceParts } from './compose-instances.ts';
import { createServerTables } from './compose-servers.ts';
import { splitLinks } from './drivers/agent-link/split-links.ts';
import { keepRecentZones } from './drivers/dns/recent-zones.ts';
import { splitDrivers } from './drivers/dns/split-driver.ts';
import { createClearRecords } from './effects/clear-records.ts';
import { createEdgeCertificates } from './effects/edge-certificates.ts';
import { createLeaveFarm } from './effects/leave-farm.ts';
import { createInstaller } from './effects/package-installer.ts';
import type { Changes } from './ports/changes.ts';
import { closedAlertsKeptMs } from './model/monitoring/alert-record.ts';
import { darkEdgeOf } from './model/servers/edge-reach.ts';
import { createCertificateService } from './services/certificates/certificate-service.ts';
import { createFarmKeys } from './services/certificates/farm-keys.ts';
import { createCustomerService } from './services/customers/customer-service.ts';
import { createRenewals } from './services/certificates/renewals.ts';
import { createDomainDrivers } from './services/domains/domain-drivers.ts';
import { createDomainService } from './services/domains/domain-service.ts';
import type { WriteLetter } from './ports/access.ts';
import { createHistoryService } from './services/monitoring/history-service.ts';
import { createSnapshotService, type SnapshotService } from './services/monitoring/snapshot-service.ts';
import type { ProgramFaults } from './services/monitoring/program-faults.ts';
import { AlertWatch } from './signals/alert-watch.ts';
import { createPackageService } from './services/packages/package-service.ts';
import { createPlanService } from './services/plans/plan-service.ts';
import { createAgentDirectory } from './services/servers/agent-directory.ts';
import { createOutsideWatch } from './services/servers/outside-watch.ts';
import { createRehearsals, type SayChange } from './services/jobs/rehearsals.ts';
import { foreseeJoin } from './services/servers/foresee-join.ts';
import { foreseeAdd, foreseeChange } from './services/domains/foresee-domain.ts';
import { createServerService } from './services/servers/server-service.ts';
import { serverViewOf } from './services/servers/server-views.ts';
import type { DemoService } from './services/settings/demo-service.ts';
import type { FarmHolder } from './services/settings/farm-holder.ts';
import { createSettingsService } from './services/settings/settings-service.ts';

/** So long, in milliseconds, a list of servers or of jobs, and what a window is told of them, may hold up everybody else. */
const longestTurnMs = 10;

export type FarmOptions = CoreOptions & {
  readonly changes: Changes;
  readonly holder: FarmHolder;
  /** Lets go what is kept for some days only; called when the farm is opened, and each hour after. */
  readonly sweep: () => Promise<void>;
  readonly faults: Pick<ProgramFaults, 'newest' | 'note'>;
};
export type FarmServices = ReturnType<typeof createFarmServices>;

const tidyEveryMs = 3_600_000;
const keptSamplesMs = 7 * 86_400_000;

/** The services of a farm, each given what it needs of the others. Nothing is opened yet: `settings.load` and `settings.startFarm` do. */
export function createFarmServices(options: FarmOptions) {
  const { clock, log, drivers, changes, holder, faults, random = Math.random } = options;
  const { store, secrets, ids, pki } = drivers;
  const shared = { store, clock, ids, log, secrets, changes, pki, farm: holder.farm };

  const keys = createFarmKeys(shared);
  const agentAuthority = () => keys.keysOf(holder.farm().id, 'agent-authority');
  const settings = createSettingsService({ ...shared, keys, holder, opened: () => openFarm() });
  const metrics = options.metrics ?? metricCatalogue;
  // Services are given what looks; the writing halves go to effects alone.
  const agents = splitLinks(drivers.links);
  const openers = splitDrivers(async (...asked: Parameters<typeof drivers.createDns>) =>
    keepRecentZones(await drivers.createDns(...asked), clock),
  );
  const writing = { agentWritesOf: agents.writesOf, dnsWritesOf: openers.writesOf };
  const directory = createAgentDirectory({
    ...shared,
    metrics,
    links: agents.reading,
    identity: settings.identity,
    follow: createFollowServer({ clock, log, random }),
  });
  const certificates = createCertificateService({ ...shared, keys, agents: directory });
  const dns = createDomainDrivers({ ...shared, createDriver: openers.open });
  const packages = createPackageService({
    ...shared,
    payloads: drivers.payloads,
    agents: directory,
    agentAuthority,
    farm: holder.current,
    putInOrder: () => reconcile.againEverywhere(),
  });
  const edges = createEdgeCertificates({ ...shared, ...writing, keys, agents: directory, certificates });
  const installer = createInstaller({ ...writing, agents: directory, payloads: drivers.payloads, packages });
  const plans = createPlanService(shared);
  const customers = createCustomerService(shared);
  const letter: WriteLetter = (language, parameters) =>
    createTranslate(language, options.timeZone).say('instances.letter.text', parameters);
  const sayChange: SayChange = (language, change, parameters) => {
    const translate = createTranslate(language, options.timeZone);
    const { title, says } = changeWords(translate.has, change);
    const say = (key: WordKey | undefined): string => (key === undefined ? change.code : translate.say(key, parameters));
    return { title: say(title), says: say(says) };
  };
  const pause = createSharedTurn(longestTurnMs).share;
  const domainTables = createDomainTables({
    ...shared,
    ...writing,
    keys,
    dns,
    agents: directory,
    certificates,
    edges,
    probe: drivers.probe,
    putInOrder: () => reconcile.againEverywhere(),
  });
  const { jobs, tables, begin, instances, placement, projection } = createInstanceParts({
    ...options,
    pause,
    ...(options.tables === undefined ? {} : { patchTables: options.tables }),
    directory,
    certificates,
    effects: { ...writing, edges, installer },
    dns,
    tables: [
      ...domainTables,
      ...createServerTables({ ...options, ...writing, dns, directory, identity: settings.identity, agentAuthority, farm: holder.farm }),
    ],
    packages,
    letter,
    darkEdge: (serverId) =>
      darkEdgeOf({ health: directory.server(serverId)?.signs.edge, sight: outside.sightOf(serverId), nowMs: clock.nowMs() }),
  });
  const rehearse = createRehearsals({
    engine: jobs,
    tables,
    say: sayChange,
    language: () => holder.farm().language,
    foresee: {
      create: ({ customer, ...request }) => instances.foreseeCreate({ ...request, ...(customer === undefined ? {} : { customer }) }),
      'add-domain': (request) => foreseeAdd({ ids }, request),
      'change-domain': (request) => foreseeChange({ store }, request),
      'join-server': (request) => foreseeJoin({ ids, farmId: () => holder.farm().id }, request),
    },
  });
  const domains = createDomainService({ ...shared, createDriver: openers.open, probe: drivers.probe, dns, engine: jobs, begin });
  const renewals = createRenewals({ ...shared, keys, engine: jobs, begin });
  const outside = createOutsideWatch({
    ...shared,
    agents: directory,
    probe: drivers.probe,
    servers: () => store.servers.find({ farmId: holder.farm().id }),
    outlookOn: (serverId, turn) => {
      const running = projection.on(serverId).filter(({ id }) => projection.row(id)?.desired === 'running');
      const chosen = running[turn % running.length];
      return chosen === undefined ? undefined : { url: chosen.url, domainId: chosen.domain.id };
    },
    nameServers: async (domainId) =>
      (await dns.authoritativeServers(domainId)).flatMap(({ addresses, port }) => addresses.map((address) => ({ address, port }))),
    trustPem: certificates.siteAuthorityPem,
  });
  const view = (server: Parameters<typeof serverViewOf>[1]) =>
    serverViewOf({ agents: directory, clock, instancesOn: projection.on, roomOn: placement.roomOn, sightOf: outside.sightOf }, server);
  const servers = createServerService({
    ...shared,
    directory,
    engine: jobs,
    view,
    pause,
  });
  const history = createHistoryService(store, metrics);
  const finding = {
    clock,
    log,
    agents: directory,
    servers: async () => (holder.current() === undefined ? [] : store.servers.find({ farmId: holder.farm().id })),
    instance: projection.get,
    findLogged: drivers.findLogged,
  };

  const reconcile = createReconcile({
    parts: [
      { kind: 'certificate', list: edges.certificatesOn },
      { kind: 'package', list: async (serverId) => [{ name: '', ensure: () => packages.look(serverId) }] },
      { kind: 'route', list: instances.routesOn },
    ],
    clock,
    log,
    random,
    onChange: (serverId) => changes.announce({ kind: 'server', id: serverId }),
  });
  directory.onConnected(reconcile.run);

  const views = {
    servers: async () => (holder.current() === undefined ? [] : servers.list()),
    instances: projection.all,
    jobs: async () => (holder.current() === undefined ? [] : jobs.kept()),
    certificates: async () => (holder.current() === undefined ? [] : certificates.judged()),
  };
  const alerts = new AlertWatch({
    ...shared,
    views: async () => ({
      farmId: holder.current()?.id ?? '',
      servers: await views.servers(),
      instances: views.instances(),
      jobs: await views.jobs(),
      certificates: await views.certificates(),
    }),
    signs: () => ({
      drifts: reconcile.drifts(),
      isInOrderKnown: reconcile.isKnown,
      fault: faults.newest(),
      home: drivers.space.now(),
      nameServerSilentSinceMs: dns.silentSinceMs(),
    }),
    noteFault: faults.note,
  });

  let stopTidying = (): void => undefined;
  const tidy = (): void => {
    for (const swept of [
      store.samples.removeBefore(clock.nowMs() - keptSamplesMs),
      store.alerts.removeClosedBefore(clock.nowMs() - closedAlertsKeptMs),
      options.sweep(),
    ])
      swept.catch((error: unknown) => log.bug(error, { where: 'tidy' }));
    stopTidying = clock.after(tidyEveryMs, tidy);
  };
  const syncPackages = async (): Promise<void> => {
    await packages.sync();
    await placement.load();
    packages.prepare().catch((error: unknown) => log.bug(error, { where: 'packages.prepare' }));
  };
  /** After a farm was loaded or started: what is known of it first, then its links. */
  const openFarm = async (): Promise<void> => {
    await projection.load();
    await syncPackages();
    await servers.start();
    // Links are there, if not up: whatever goes on by itself looks at its server first.
    await jobs.resume();
    domains
      .resume()
      .catch((error: unknown) => log.warn('domains-resume', { error: error instanceof Error ? error.message : String(error) }));
    renewals.start();
    outside.start();
    await alerts.start(holder.farm().id);
    tidy();
  };
  /** Lets links and name servers of the farm go, before its rows do. */
  const closeFarm = async (): Promise<void> => {
    stopTidying();
    await alerts.stop();
    renewals.stop();
    outside.stop();
    await jobs.close();
    await directory.closeAll();
    await dns.closeAll();
  };

  const createSnapshots = (demo: Pick<DemoService, 'step' | 'failure'>): SnapshotService =>
    createSnapshotService({
      ...views,
      changes,
      clock,
      log,
      pause,
      farm: async () => ({ farm: await settings.view(), demoStep: demo.step(), demoFailure: demo.failure() }),
      alerts: alerts.look,
    });

  return {
    settings,
    directory,
    certificates,
    renewals,
    domains,
    packages,
    plans,
    customers,
    jobs,
    begin,
    rehearse,
    instances,
    placement,
    servers,
    history,
    finding,
    syncPackages,
    leaveFarm: createLeaveFarm({ ...writing, agents: directory }),
    clearRecords: createClearRecords({ ...shared, ...writing, dns }),
    closeFarm,
    createSnapshots,
    close: async (): Promise<void> => {
      await closeFarm();
      projection.close();
    },
  };
}
