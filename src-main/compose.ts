import { release as hostRelease, type as hostType } from 'node:os';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import type { MetricCatalogue } from '#contract/catalogue/metrics.ts';
import { api } from '#contract/api/index.ts';
import type { CoreDrivers } from './compose-drivers.ts';
import { createDemo } from './compose-demo.ts';
import { createFarmServices } from './compose-farm.ts';
import { createChanges } from './drivers/system/changes.ts';
import type { Changes } from './ports/changes.ts';
import type { Clock } from './ports/clock.ts';
import type { Log, RequestContext } from './ports/request.ts';
import { createCertificatesRouter } from './services/certificates/certificates-router.ts';
import { createCustomersRouter } from './services/customers/customers-router.ts';
import { createDomainsRouter } from './services/domains/domains-router.ts';
import { createInstancesRouter } from './services/instances/instances-router.ts';
import { createJobsRouter } from './services/jobs/jobs-router.ts';
import type { FailPoint, JobTable } from './engine/job-table.ts';
import { createMonitoringRouter } from './services/monitoring/monitoring-router.ts';
import { createProgramFaults } from './services/monitoring/program-faults.ts';
import { createMiddleware } from './services/operators/middleware.ts';
import { createRequestKeys } from './services/operators/request-keys.ts';
import { createPackagesRouter } from './services/packages/packages-router.ts';
import { createPlacementRouter } from './services/placement/placement-router.ts';
import { createPlansRouter } from './services/plans/plans-router.ts';
import { createServersRouter } from './services/servers/servers-router.ts';
import type { DemoService } from './services/settings/demo-service.ts';
import { createFarmHolder } from './services/settings/farm-holder.ts';
import { createSettingsRouter } from './services/settings/settings-router.ts';

export type CoreOptions = {
  /** The folder of one farm's data, locked and prepared by the shell. */
  readonly home: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly drivers: CoreDrivers;
  /** IANA time zone of this computer: what a demo farm begins with. */
  readonly timeZone: string;
  readonly failPoint?: FailPoint;
  /** What is kept and drawn of servers and instances: the program's own, unless a test has other metrics. */
  readonly metrics?: MetricCatalogue;
  /** Where tests put jobs that do something wrong in the place of those that are made; absent in a program that people use. */
  readonly tables?: (tables: readonly JobTable[]) => readonly JobTable[];
  /** At least 0, below 1: by how much what is tried again is spread. This computer's own chance when absent. */
  readonly random?: () => number;
};

/** For support: what this process is, and on what it runs. */
const runsOn = (): string => `Node ${process.versions.node}, ${hostType()} ${hostRelease()}, ${process.arch}`;

export type Core = Awaited<ReturnType<typeof createCore>>;

/**
 * Builds the core of one home from a clock and drivers: every service, behind one middleware, as one router. `start` opens the farm that is there;
 * `close` saves what runs as interrupted and lets links, drivers and the store go. Agents and instances live on.
 */
export async function createCore(options: CoreOptions) {
  const { home, version, clock, log, drivers } = options;
  const changes: Changes = createChanges(log);
  const holder = createFarmHolder();
  const requestKeys = createRequestKeys({
    store: drivers.store,
    secrets: () => drivers.secrets,
    clock,
    farmId: () => holder.current()?.id ?? '',
    hash: drivers.sha256,
  });
  const faults = createProgramFaults({ clock, changes });
  const farm = createFarmServices({ ...options, changes, holder, faults, sweep: requestKeys.sweep });
  const demo: DemoService = createDemo({ ...options, changes, holder, farm });
  const settingsDeps = {
    service: farm.settings,
    demo,
    secrets: drivers.secrets,
    store: drivers.store,
    holder,
    home,
    version,
    runsOn: runsOn(),
  };
  const snapshots = farm.createSnapshots(demo);
  const stopSpace = drivers.space.onChange((space) => {
    log.warn('home-space', { ...space });
    changes.announce({ kind: 'home', id: space.path });
  });
  const router = implement(api)
    .$context<RequestContext>()
    .use(createMiddleware({ log, requestKeys, space: drivers.space }))
    .router({
      certificates: createCertificatesRouter(
        () => farm.certificates,
        () => farm.renewals,
      ),
      customers: createCustomersRouter(farm.customers),
      domains: createDomainsRouter(() => farm.domains, farm.begin),
      instances: createInstancesRouter(farm.instances, farm.begin),
      jobs: createJobsRouter(farm.jobs, farm.begin, farm.rehearse),
      monitoring: createMonitoringRouter(snapshots, farm.history, farm.finding),
      packages: createPackagesRouter(farm.packages),
      placement: createPlacementRouter(farm.placement),
      plans: createPlansRouter(farm.plans),
      servers: createServersRouter(farm.servers, farm.begin),
      settings: createSettingsRouter(settingsDeps),
    });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopSpace();
    snapshots.close();
    demo.close();
    await farm.close();
    await drivers.secrets.close();
    await drivers.store.close();
  };
  return {
    router,
    home,
    version,
    changes,
    demo,
    /** Where agents of this computer's demo farm live. */
    demoFolder: join(home, 'agents'),
    /** Shows every window a fault of the program that stands in nobody's answer, by its reference in the log. */
    noteFault: faults.note,
    hasFarm: (): boolean => holder.current() !== undefined,
    /** Opens the farm of this home, when there is one. Demo agents that do not run are started meanwhile; `demo.step` tells of them. */
    start: async (): Promise<void> => {
      if (!(await farm.settings.load())) return;
      demo.revive().catch((error: unknown) => log.warn('demo-revive', { error: error instanceof Error ? error.message : String(error) }));
    },
    close: (): Promise<void> => {
      closing ??= close();
      return closing;
    },
  };
}
