import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { Resources } from '#contract/api/base.ts';
import type { ServerSigns } from '#contract/agent/servers.ts';
import { isFarmError } from '#contract/errors.ts';
import { createCollectors } from './collectors/collectors.ts';
import { createCertificateCommands } from './commands/certificates.ts';
import { createEdgeCommands } from './commands/edge.ts';
import { createInstanceCommands } from './commands/instances.ts';
import { createMonitoringCommands } from './commands/monitoring.ts';
import { sweepPackages } from './commands/package-files.ts';
import { createPackageCommands } from './commands/packages.ts';
import { createServerCommands } from './commands/servers.ts';
import { createFindReference } from './find-reference.ts';
import { hostFacts } from './host-facts.ts';
import { leaveFarm } from './leave-farm.ts';
import { createLinkCommands } from './link/link-commands.ts';
import { verifyManifestSignature } from './link/manifest-signature.ts';
import { startAgentLink } from './link/start-agent-link.ts';
import type { AgentLinkServer, CommandContext } from './link/types.ts';
import type { HostOs } from './os/host-os.ts';
import type { LimitGroups } from './os/limits.ts';
import { type IsolationWatch, isolationSign } from './isolation-watch.ts';
import type { AgentClock, AgentFolders, AgentLog, EdgeControl, FailPoint, Room, SignSource, Supervisor } from './ports.ts';
import { createPortGuard, type PortGuard } from './port-guard.ts';
import { keepCodeFile } from './pairing-code-file.ts';
import { createRouteStates } from './route-states.ts';
import { createVisitorHold } from './visitor-hold.ts';
import { sweepHome } from './state/home.ts';
import { createInstanceLogs } from './state/instance-logs.ts';
import { openInstanceStore } from './state/instance-store.ts';
import { openPackageStore } from './state/package-store.ts';
import type { SpaceWatch } from './state/space-watch.ts';
import { createSupervisor } from './supervise/supervisor.ts';

export type AgentParts = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  readonly folders: AgentFolders;
  readonly edge: EdgeControl;
  readonly space: SpaceWatch;
  readonly room: Room;
  readonly failPoint: FailPoint;
  readonly version: string;
  readonly agentKey: string;
  readonly isolation: IsolationWatch;
  readonly hasPortRules: boolean;
  /** The Node that runs packages. */
  readonly runtime: string;
  readonly link: { readonly host: string; readonly port: number };
  readonly simulated: Resources | undefined;
};

/** Says which agent of this machine a process belongs to: the same for a home's whole life. */
export function agentKeyOf(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 16);
}

async function openStores({ folders, log, clock, room }: AgentParts) {
  const swept = await sweepHome(folders);
  const instances = await openInstanceStore(join(folders.state, 'instances'), log, room);
  const packages = await openPackageStore(join(folders.state, 'packages'), log);
  const inUse = new Set<string>(instances.list().map(({ spec }) => spec.payload));
  swept.push(...(await sweepPackages(folders, packages, inUse, clock.nowMs())));
  if (swept.length > 0) log.info('home.swept', { swept });
  return { instances, packages, logs: createInstanceLogs({ folder: folders.logs, clock }) };
}

/** An edge comes within a second or two; one that hangs is looked at for longer than anybody should wait for the agent. */
const longestEdgeWaitMs = 12_000;

/** The edge goes on coming up behind the agent: that it does not serve is a fact to tell, never a reason not to be there. */
async function beginEdge({ edge, clock, log }: Pick<AgentParts, 'edge' | 'clock' | 'log'>): Promise<void> {
  let stopTimer = (): void => undefined;
  const begun = edge.ensure().then(
    () => undefined,
    (error: unknown) => log.warn('edge.not-begun', { cause: isFarmError(error) ? error.code : String(error) }),
  );
  const patience = new Promise<void>((resolve) => {
    stopTimer = clock.after(longestEdgeWaitMs, resolve);
  });
  await Promise.race([begun, patience]);
  stopTimer();
}

type Watched = Pick<AgentParts, 'edge' | 'space' | 'isolation'> & {
  readonly supervisor: Supervisor;
  readonly guard: PortGuard;
  readonly limits: LimitGroups;
};

function signsOf({ edge, space, isolation, supervisor, guard, limits }: Watched): SignSource {
  const isolationNow = () =>
    isolationSign(
      isolation.now(),
      supervisor.list().filter(({ process: { state } }) => state === 'running'),
      guard.now(),
    );
  const boundsNow = () => ({ ...limits.here(isolation.now().state === 'own'), waiting: supervisor.unlimited() });
  const now = (): ServerSigns => ({ edge: edge.health(), home: space.now(), isolation: isolationNow(), bounds: boundsNow() });
  return {
    now,
    onChange: (listener) => {
      const tell = (): void => listener(now());
      // Instances change all the time; of them only how many wait for a user or for limits counts here.
      const waitingNow = (): string => `${isolationNow().waiting} ${boundsNow().waiting}`;
      let waiting = waitingNow();
      const stopWaiting = supervisor.onChange(() => {
        const next = waitingNow();
        if (next === waiting) return;
        waiting = next;
        tell();
      });
      const stops = [edge.onHealth(tell), space.onChange(tell), isolation.onChange(tell), stopWaiting];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Puts the parts together, takes back what runs, and listens. The home is locked and prepared by the caller. */
export async function startAgent(parts: AgentParts) {
  const { os, clock, log, folders, edge, space, failPoint, version, simulated, isolation } = parts;
  const { instances, packages, logs } = await openStores(parts);
  const routes = createRouteStates(edge, log);
  const rules = parts.hasPortRules && isolation.now().state !== 'shared' ? os.portRules(parts.agentKey) : undefined;
  const guard = createPortGuard({ rules, instances, edge, log });
  // An edge that starts now must reach the instances that run.
  if (instances.list().length > 0) await guard.refresh();
  await beginEdge(parts);
  await routes.load();
  await guard.refresh();
  const limits = os.limitGroups(parts.agentKey, (path, said) => log.warn('limits.refused', { path, said }));
  const supervisor = createSupervisor({
    ...parts,
    limits,
    guardPorts: guard.refresh,
    isolation: isolation.look,
    instances,
    packages,
    logs,
    onRouteState: routes.onState,
    visitors: createVisitorHold(edge, routes),
  });
  await supervisor.adopt();
  const collectors = createCollectors({
    os,
    clock,
    log,
    folders,
    supervisor,
    logs,
    isSimulated: simulated !== undefined,
    unbounded: () => {
      const { memory, processes } = limits.here(isolation.now().state === 'own');
      return { memory: memory === 'watched', processes: processes === 'watched' };
    },
  });
  const { os: system, arch } = await os.facts(folders.home);
  let link: AgentLinkServer | undefined;
  let codes: Awaited<ReturnType<typeof keepCodeFile>> | undefined;
  const router = implement(agentApi)
    .$context<CommandContext>()
    .router({
      certificates: createCertificateCommands(edge),
      edge: createEdgeCommands({ edge, wantRoute: routes.want, forgetRoute: routes.forget }),
      instances: createInstanceCommands({ supervisor, logs, clock }),
      link: createLinkCommands({
        clock,
        agentVersion: version,
        onLeave: () => leaveFarm({ supervisor, edge, routes, packages, folders, collectors }),
      }),
      monitoring: createMonitoringCommands(collectors, clock),
      packages: createPackageCommands({
        folders,
        packages,
        instances,
        clock,
        platform: { os: system, arch },
        runtimeMajor: Number.parseInt(process.versions.node, 10),
        isSigned: ({ farmId, manifestHash, signature }) => {
          const identity = link?.identity();
          if (identity === undefined || identity.farmId !== farmId) return false;
          return verifyManifestSignature(identity.authorityPem, farmId, manifestHash, signature);
        },
        failPoint,
      }),
      servers: createServerCommands({
        facts: () => hostFacts({ os, home: folders.home, edge, isIsolated: isolation.now().state === 'own', simulated }),
        findReference: createFindReference({ edge, folders }),
        signs: signsOf({ edge, space, isolation, supervisor, guard, limits }),
        clock,
      }),
    });
  link = await startAgentLink({
    stateFolder: folders.state,
    listen: parts.link,
    clock,
    log,
    agentVersion: version,
    router,
    onJoined: () => {
      codes?.refresh();
      // After a farm was left the edge was ended with it.
      void edge.ensure().catch((error: unknown) => log.bug(error, { at: 'edge' }));
    },
    onLeft: () => codes?.refresh(),
  });
  codes = await keepCodeFile({ home: folders.home, link, clock, log });
  const held = { link, codes };
  return {
    router,
    link,
    /** Lets go of everything. Instances and the edge live on. */
    close: async (): Promise<void> => {
      await held.codes.close();
      collectors.close();
      supervisor.close();
      await held.link.close();
    },
  };
}
