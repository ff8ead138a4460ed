import { implement, ORPCError, withEventMeta } from '@orpc/server';
import { api } from '#contract/api/index.ts';
import type { InstanceView } from '#contract/api/instances.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Totals } from '#contract/api/monitoring.ts';
import { createFarmObjects } from './fake-objects.ts';
import { historyOf } from './fake-history.ts';
import { inspectionOf } from './fake-zone.ts';
import { rehearsedChanges } from '#contract/testing/made-up-farm/jobs.ts';
import type { Farm } from '#contract/testing/made-up-farm/farms.ts';
import { NOW_MS } from '#contract/testing/made-up-farm/numbers.ts';

const marks = ['good', 'working', 'warning', 'bad', 'paused', 'unknown'] as const;

function totalsOf(farm: Farm): Totals {
  const count = (mark: (typeof marks)[number]): number => farm.instances.filter((instance) => instance.condition.mark === mark).length;
  const answers = farm.instances.flatMap((instance) => (instance.answerMs === undefined ? [] : [instance.answerMs])).sort((a, b) => a - b);
  const median = answers[Math.floor(answers.length / 2)];
  const most = answers[Math.floor(answers.length * 0.95)];
  return {
    instances: farm.instances.length,
    good: count('good'),
    working: count('working'),
    warning: count('warning'),
    bad: count('bad'),
    paused: count('paused'),
    unknown: count('unknown'),
    room: farm.servers.reduce((sum, server) => sum + server.room, 0),
    createdToday: farm.jobs.filter((job) => job.type === 'create' && job.state === 'done').length,
    removedToday: farm.jobs.filter((job) => job.type === 'remove' && job.state === 'done').length,
    ...(farm.jobs.length > 0 && { createMedianMs: 5_800 }),
    ...(median !== undefined && { answerMedianMs: median }),
    ...(most !== undefined && { answer95Ms: most }),
    ...(farm.servers.length > 1 && { survivesOneServer: true }),
  };
}

/** Waits until the reader goes away. */
function gone(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal === undefined || signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * A core that speaks the whole contract over a made-up farm: for looking at screens and for nothing else. It changes nothing; an act
 * answers with what is there.
 */
export function createFakeRouter(farm: Farm, onSnapshot: () => void) {
  const os = implement(api);
  const objects = createFarmObjects(farm);
  const refuse = (): void => {
    if (farm.isRefusing) throw new ORPCError('STORE_FULL', { status: 507, data: { path: '/home/marta/.local/share/farmstead/farm.db' } });
  };
  const granted = <T>(answer: T): T => {
    refuse();
    return answer;
  };
  const byId = (id: string): InstanceView => objects.instance((instance) => instance.id === id, id);
  const acted = (): JobView => objects.job();

  return os.router({
    certificates: {
      list: os.certificates.list.handler(() => granted({ certificates: [...objects.certificates] })),
      download: os.certificates.download.handler(() => objects.pem('certificate.pem')),
      siteAuthority: os.certificates.siteAuthority.handler(() => objects.pem('site-authority.pem')),
      renew: os.certificates.renew.handler(() => objects.job()),
    },
    customers: {
      list: os.customers.list.handler(({ input }) => ({ customers: objects.customers(input.text).slice(0, input.limit) })),
      create: os.customers.create.handler(() => objects.customer()),
      update: os.customers.update.handler(() => objects.customer()),
    },
    domains: {
      list: os.domains.list.handler(() => granted({ domains: [...objects.domains] })),
      add: os.domains.add.handler(() => objects.job()),
      update: os.domains.update.handler(() => objects.job()),
      keepWildcard: os.domains.keepWildcard.handler(() => objects.job()),
      dropWildcard: os.domains.dropWildcard.handler(() => objects.job()),
      inspect: os.domains.inspect.handler(() => granted(inspectionOf(farm))),
      remove: os.domains.remove.handler(() => {
        const { name } = objects.domain();
        if (farm.instances.length > 0)
          throw new ORPCError('DOMAIN_IN_USE', { status: 409, data: { domain: name, instances: farm.instances.length, jobs: 1 } });
        return objects.job();
      }),
    },
    instances: {
      query: os.instances.query.handler(({ input }) => granted(objects.page(input))),
      watch: os.instances.watch.handler(async function* ({ input, signal }) {
        refuse();
        yield objects.page(input);
        await gone(signal);
      }),
      get: os.instances.get.handler(({ input }) =>
        granted({ instance: byId(input.instanceId), road: objects.road(byId(input.instanceId)) }),
      ),
      watchOne: os.instances.watchOne.handler(async function* ({ input, signal }) {
        refuse();
        const instance = objects.instance(({ name }) => name === input.name, input.name);
        yield { instance, road: objects.road(instance) };
        await gone(signal);
      }),
      find: os.instances.find.handler(({ input }) => granted(objects.instance((instance) => instance.name === input.name, input.name))),
      checkName: os.instances.checkName.handler(({ input }) => objects.checkName(input.name)),
      checkParameters: os.instances.checkParameters.handler(() => ({})),
      create: os.instances.create.handler(() => objects.job()),
      remove: os.instances.remove.handler(() => objects.job()),
      start: os.instances.start.handler(acted),
      stop: os.instances.stop.handler(acted),
      restart: os.instances.restart.handler(acted),
      suspend: os.instances.suspend.handler(acted),
      resume: os.instances.resume.handler(acted),
      handOver: os.instances.handOver.handler(({ input }) => objects.handOver(byId(input.instanceId))),
      check: os.instances.check.handler(({ input }) => ({ instance: byId(input.instanceId), road: objects.road(byId(input.instanceId)) })),
      log: os.instances.log.handler(() => ({ lines: objects.log() })),
      followLog: os.instances.followLog.handler(async function* ({ signal }) {
        refuse();
        yield { lines: objects.log() };
        await gone(signal);
      }),
    },
    jobs: {
      begin: os.jobs.begin.handler(acted),
      rehearse: os.jobs.rehearse.handler(({ input }) => ({
        changes: rehearsedChanges(input.act.type, 'name' in input.act ? input.act.name : 'anna'),
      })),
      list: os.jobs.list.handler(({ input }) => {
        refuse();
        return {
          jobs: farm.jobs.filter((job) => input.subjectId === undefined || job.subject.id === input.subjectId).slice(0, input.limit),
        };
      }),
      get: os.jobs.get.handler(({ input }) => objects.job(input.jobId)),
      watch: os.jobs.watch.handler(async function* ({ input, signal }) {
        const job = objects.job(input.jobId);
        yield job;
        if (job.endedAtMs === undefined) await gone(signal);
      }),
      pause: os.jobs.pause.handler(({ input }) => objects.job(input.jobId)),
      cancel: os.jobs.cancel.handler(({ input }) => objects.job(input.jobId)),
      continue: os.jobs.continue.handler(({ input }) => objects.job(input.jobId)),
      undo: os.jobs.undo.handler(({ input }) => objects.job(input.jobId)),
    },
    monitoring: {
      find: os.monitoring.find.handler(({ input }) => ({ reference: input.reference, found: [], unasked: [] })),
      watch: os.monitoring.watch.handler(async function* ({ signal }) {
        const state = {
          ...(farm.farm !== undefined && { farm: farm.farm }),
          demoStep: farm.demoStep,
          ...(farm.demoFailure !== undefined && { demoFailure: farm.demoFailure }),
          totals: totalsOf(farm),
          answerSpark: [...farm.answerSpark],
        };
        const snapshot = { state, servers: [...farm.servers], jobs: [...farm.jobs].slice(0, 100), alerts: [...farm.alerts] };
        yield withEventMeta({ kind: 'snapshot' as const, sequence: 1, atMs: NOW_MS, mirror: snapshot }, { id: '1' });
        onSnapshot();
        await gone(signal);
      }),
      serverHistory: os.monitoring.serverHistory.handler(({ input }) => granted(historyOf(input, 'server'))),
      instanceHistory: os.monitoring.instanceHistory.handler(({ input }) => granted(historyOf(input, 'instance'))),
    },
    packages: {
      list: os.packages.list.handler(() => granted({ packages: objects.packages() })),
      agree: os.packages.agree.handler(({ input: { loopbackPorts, metadata } }) => ({ loopbackPorts, metadata })),
    },
    placement: { propose: os.placement.propose.handler(() => objects.proposal()) },
    plans: { list: os.plans.list.handler(() => ({ plans: objects.plans() })) },
    servers: {
      list: os.servers.list.handler(() => granted({ servers: [...farm.servers] })),
      get: os.servers.get.handler(({ input }) => objects.server(input.serverId)),
      add: os.servers.add.handler(({ input }) => objects.serverJob('join-server', objects.joined(input.code))),
      address: os.servers.address.handler(({ input }) => objects.serverJob('address-server', objects.server(input.serverId))),
      update: os.servers.update.handler(({ input }) => objects.server(input.serverId)),
      remove: os.servers.remove.handler(({ input }) => objects.serverJob('remove-server', objects.server(input.serverId))),
      check: os.servers.check.handler(({ input }) => ({ server: objects.server(input.serverId) })),
    },
    settings: {
      get: os.settings.get.handler(() => objects.settings()),
      startFarm: os.settings.startFarm.handler(() => objects.farm()),
      update: os.settings.update.handler(() => objects.farm()),
      addPassphrase: os.settings.addPassphrase.handler(() => ({ keepers: objects.settings().keepers })),
      startDemo: os.settings.startDemo.handler(() => objects.farm()),
      removeDemo: os.settings.removeDemo.handler(() => ({ left: [] })),
    },
  });
}
