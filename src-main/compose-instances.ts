import { createKeyedQueue } from '#kit/keyed-queue.ts';
import type { CoreOptions } from './compose.ts';
import type { DarkEdge } from './model/servers/edge-reach.ts';
import type { Changes } from './ports/changes.ts';
import type { CertificateService } from './services/certificates/certificate-service.ts';
import type { DnsAccess, WriteLetter } from './ports/access.ts';
import { createInstanceProjection, type InstanceProjection } from './services/instances/instance-projection.ts';
import { createInstanceRows } from './services/instances/instance-rows.ts';
import { createInstanceService, type InstanceService } from './services/instances/instance-service.ts';
import { createOutsideChecks } from './services/instances/outside-checks.ts';
import { type BeginAct, createBeginAct } from './engine/begin-act.ts';
import { createJobEngine, type JobEngine } from './engine/job-engine.ts';
import type { JobTable } from './engine/job-table.ts';
import type { Links } from './engine/links.ts';
import { tableOf } from './engine/steps-of.ts';
import { createInstanceHealer } from './effects/heal-instance.ts';
import { createInstanceEffects, type InstanceEffectDeps } from './effects/instance-effects.ts';
import { createActJob } from './jobs/instances/act.job.ts';
import { createCreateJob } from './jobs/instances/create.job.ts';
import { createRemoveJob } from './jobs/instances/remove.job.ts';
import { runActs } from '#contract/catalogue/jobs.ts';
import type { Agents } from './ports/agents.ts';
import type { PackageService } from './services/packages/package-service.ts';
import { createPlacementService, type PlacementService } from './services/placement/placement-service.ts';
import type { AgentDirectory } from './services/servers/agent-directory.ts';
import type { FarmHolder } from './services/settings/farm-holder.ts';

type Parts = {
  readonly jobs: JobEngine;
  /** As the engine has them. */
  readonly tables: readonly JobTable[];
  readonly begin: BeginAct;
  readonly instances: InstanceService;
  readonly placement: PlacementService;
  readonly projection: InstanceProjection;
};

type Options = Omit<CoreOptions, 'tables'> & {
  readonly patchTables?: CoreOptions['tables'];
  readonly changes: Changes;
  readonly holder: FarmHolder;
  /** Lets others have their turn between slices of a long list. */
  readonly pause: () => Promise<void>;
  readonly directory: AgentDirectory;
  readonly certificates: CertificateService;
  readonly dns: DnsAccess;
  /** What only effects are given. */
  readonly effects: Pick<InstanceEffectDeps, 'agentWritesOf' | 'dnsWritesOf' | 'edges' | 'installer'>;
  /** The jobs of the other areas. */
  readonly tables: readonly JobTable[];
  readonly packages: PackageService;
  readonly letter: WriteLetter;
  /** Why visitors do not reach a server's edge; undefined while that is not known to be so. */
  readonly darkEdge: (serverId: string) => DarkEdge | undefined;
};

/** Instances, the jobs that make and remove them, and where they go. */
export function createInstanceParts(options: Options): Parts {
  const { clock, log, drivers, changes, holder, directory, certificates, packages, letter, dns } = options;
  const { store, ids, secrets, probe } = drivers;
  const { farm } = holder;
  const farmId = () => farm().id;

  const projection = createInstanceProjection({
    store,
    clock,
    changes,
    log,
    agents: directory,
    isEdgeDark: (serverId) => options.darkEdge(serverId) !== undefined,
    farm: holder.current,
    jobOf: (jobId) => jobs.known(jobId),
  });
  const rows = createInstanceRows({ store, changes, projection, clock, ids });
  const outsideChecks = createOutsideChecks();
  const placement = createPlacementService({
    store,
    clock,
    agents: directory,
    farmId,
    instancesOn: projection.on,
    darkEdge: options.darkEdge,
    packages,
    usuallyMs: () => jobs.durations.usuallyMs('create'),
  });
  const shared = { store, clock, changes, secrets, agents: directory, probe, farm, rows, outsideChecks, packages, dns, certificates };
  const effects = createInstanceEffects({ ...shared, ...options.effects, placement });
  const jobDeps = { ...shared, effects };
  const { failPoint } = options;
  const acts = runActs.map((type) => tableOf(createActJob(jobDeps, type)));
  const made = [tableOf(createCreateJob(jobDeps)), tableOf(createRemoveJob(jobDeps)), ...acts, ...options.tables];
  const tables = options.patchTables?.(made) ?? made;
  const jobs: JobEngine = createJobEngine({
    store,
    clock,
    ids,
    changes,
    log,
    farmId,
    tables,
    links: linksOf(directory),
    pause: options.pause,
    ...(failPoint === undefined ? {} : { failPoint }),
  });
  const queued = createKeyedQueue().run;
  const begin = createBeginAct({
    tables,
    engine: jobs,
    queued: (act, work) => ('instanceId' in act ? queued(act.instanceId, work) : work()),
    announce: async ({ kind, id }) => (kind === 'instance' ? rows.announce(id) : changes.announce({ kind, id })),
  });
  const instances = createInstanceService({
    ...shared,
    ids,
    log,
    engine: jobs,
    projection,
    letter,
    healer: createInstanceHealer(effects),
    queued,
    // Agents do not look at each other's instances yet.
    vantagePoint: () => 'this-computer',
  });
  return { jobs, tables, begin, instances, placement, projection };
}

/** How long a link that broke in the middle of a step is waited for. */
const linkBackMs = 30_000;

function linksOf(agents: Agents): Links {
  return {
    stands: (serverId) => {
      const link = agents.server(serverId)?.link;
      // One that makes its first try stood before this core began: a job that goes on after the core's death is not lost by being early.
      return link?.state === 'connected' || (link?.state === 'connecting' && link.failure === undefined);
    },
    back: (serverId, signal) =>
      new Promise((resolve) => {
        const stop = (): void => resolve(false);
        const settle = (isBack: boolean): void => {
          signal.removeEventListener('abort', stop);
          resolve(isBack && !signal.aborted);
        };
        signal.addEventListener('abort', stop, { once: true });
        agents.client(serverId, linkBackMs).then(
          () => settle(true),
          () => settle(false),
        );
      }),
  };
}
