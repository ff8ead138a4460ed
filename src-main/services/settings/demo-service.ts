import type { DemoFailure, FarmView } from '#contract/api/settings.ts';
import type { LiveSnapshot } from '#contract/api/monitoring.ts';
import { FarmError } from '#contract/errors.ts';
import type { FarmId, Language } from '#contract/ids.ts';
import { addingKey, leavingKey } from '../../model/domains/farm-domain.ts';
import { agreementPrefix } from '../../model/packages/network-asks.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Server } from '../../model/servers/server.ts';
import { demoDomain } from '../../model/settings/demo-plan.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LocalAgent, LocalAgents } from '../../ports/local-agents.ts';
import type { Log } from '../../ports/request.ts';
import type { Store } from '../../ports/store.ts';
import { toFailure } from '../../engine/failure.ts';
import { createDemoAgents, demoAgentsKey } from './demo-agents.ts';
import { createDemoState } from './demo-state.ts';
import type { FarmHolder } from './farm-holder.ts';

type DemoStep = LiveSnapshot['state']['demoStep'];
type Deps = {
  readonly store: Store;
  readonly holder: FarmHolder;
  readonly local: LocalAgents;
  readonly changes: Changes;
  readonly log: Log;
  readonly clock: Clock;
  readonly agentHome: (name: string) => string;
  readonly timeZone: string;
  readonly farmName: (language: Language) => string;
  readonly startFarm: (start: { name: string; language: Language; timeZone: string; isDemo: boolean }) => Promise<FarmView>;
  /** Resolves when the domain can be used; does nothing where it can already. */
  readonly addDomain: (name: string) => Promise<unknown>;
  /** Repeatable: one that is in is left as it is, one whose join was cut off is brought in. Throws why it is not in. */
  readonly joinServer: (request: {
    address: string;
    code: () => Promise<string>;
    name: string;
    publicAddresses: readonly string[];
  }) => Promise<void>;
  /** The link to this server is opened at the address that its row has now. */
  readonly reopen: (server: Server) => Promise<void>;
  readonly syncPackages: () => Promise<void>;
  /** Tells a server's agent that the farm goes; waits at most so many milliseconds for its link. Throws why it was not told. */
  readonly leave: (serverId: string, farmId: FarmId, timeoutMs: number) => Promise<void>;
  /** Closes links, drivers and projections before the rows go. */
  readonly closed: () => Promise<void>;
};

export type DemoService = {
  /** Whether this computer's system is one on which a demo farm can be. */
  readonly isPossible: boolean;
  readonly step: () => DemoStep;
  readonly failure: () => DemoFailure | undefined;
  /** Repeatable: what a killed start left is taken up where it was. */
  readonly start: (language: Language) => Promise<FarmView>;
  /** Starts demo agents that do not run, e.g. after the computer was off, and brings a start that was killed to its end. Nothing for other farms. */
  readonly revive: () => Promise<void>;
  /** Removes the demo farm and everything it made; answers with what is still there. Nothing where there is none; throws `NOT_FOUND` for another farm. */
  readonly remove: () => Promise<readonly string[]>;
  /** No longer looks after the agents. They live on. */
  readonly close: () => void;
};

/** How soon an agent of the demo that died is started again: what a service manager does on a real server. */
const lookAfterMs = 2000;

/** A removal that was cut off is brought to its end: what it took away of an agent cannot be joined to again. */
const removingKey = 'demo-removing';

/** The demo farm: three agents of our own on loopback, a domain that browsers lead to loopback by themselves, nothing simulated but capacities. */
export function createDemoService(deps: Deps): DemoService {
  const { store, holder } = deps;
  const state = createDemoState((step) => deps.changes.announce({ kind: 'demo', id: step }));
  const { enter } = state;
  let starting: Promise<FarmView> | undefined;
  let removing: Promise<readonly string[]> | undefined;
  const demoAgents = createDemoAgents(deps);
  const isHalfRemoved = async (): Promise<boolean> => (await store.settings.get(removingKey)) !== undefined;
  let isClosed = false;
  let stopLooking = (): void => undefined;
  /** One that cannot be started keeps none of the others from it. */
  const lookAfterOne = (agent: LocalAgent): Promise<void> =>
    deps.local.ensure(agent).catch((error: unknown) => {
      deps.log.warn('demo-agent', { agent: agent.name, error: error instanceof Error ? error.message : String(error) });
    });
  const lookAfter = (): void => {
    stopLooking();
    stopLooking = deps.clock.after(lookAfterMs, () => {
      demoAgents
        .read()
        .then((agents) => Promise.all(agents.map(lookAfterOne)))
        .catch((error: unknown) => deps.log.warn('demo-agents', { error: error instanceof Error ? error.message : String(error) }))
        .finally(() => {
          if (!isClosed && state.step() === 'ready') lookAfter();
        });
    });
  };

  const takeAway = async (farm: Farm): Promise<readonly string[]> => {
    enter('removing');
    stopLooking();
    await store.settings.put({ id: removingKey, farmId: farm.id, value: true });
    const agents = await demoAgents.read();
    for (const server of await store.servers.find({ farmId: farm.id })) {
      try {
        await deps.leave(server.id, farm.id, 3000);
      } catch (error) {
        // An agent that does not answer is ended with its home below; what it ran is ended by `local.remove`.
        deps.log.warn('demo-leave', { server: server.name, error: error instanceof Error ? error.message : String(error) });
      }
    }
    await deps.closed();
    const left = (await Promise.all(agents.map(deps.local.remove))).flat();
    await deps.local.tidy();
    await store.transaction(async (tables) => {
      const { samples, ...others } = tables;
      const ids = [...(await tables.servers.find()), ...(await tables.instances.find())].map((row) => row.id);
      for (const id of ids) await samples.removeSubject(id);
      const marks = (await tables.domains.find()).flatMap(({ id }) => [addingKey(id), leavingKey(id)]);
      for (const table of [
        others.acts,
        others.alerts,
        others.auditLog,
        others.jobSteps,
        others.jobs,
        others.locks,
        others.durations,
        others.ownedRecords,
        others.instances,
        others.customers,
        others.plans,
        others.packages,
        others.certificates,
        others.domains,
        others.servers,
      ]) {
        for (const row of await table.find()) await table.remove(row.id);
      }
      const agreements = (await tables.settings.find({ farmId: farm.id })).filter(({ id }) => id.startsWith(agreementPrefix));
      for (const id of [...marks, ...agreements.map(({ id: agreement }) => agreement)]) await tables.settings.remove(id);
      await tables.settings.remove(demoAgentsKey);
      await tables.settings.remove(removingKey);
      for (const row of await tables.farms.find()) await tables.farms.remove(row.id);
    });
    holder.set(undefined);
    enter('none');
    deps.changes.announce({ kind: 'farm', id: farm.id });
    return left;
  };

  const begin = async (language: Language): Promise<FarmView> => {
    enter('authorities');
    const present = holder.current();
    if (present !== undefined && (await isHalfRemoved())) {
      await takeAway(present);
      enter('authorities');
    }
    const farm =
      holder.current() ?? (await deps.startFarm({ name: deps.farmName(language), language, timeZone: deps.timeZone, isDemo: true }));
    enter('agents');
    const agents = await demoAgents.startAll(farm.id);
    enter('certificate');
    await deps.addDomain(demoDomain);
    enter('pairing');
    for (const agent of agents) {
      const address = `127.0.0.1:${agent.linkPort}`;
      await deps.joinServer({ address, code: () => deps.local.pairingCode(agent), name: agent.name, publicAddresses: ['127.0.0.1'] });
    }
    enter('packages');
    await deps.syncPackages();
    enter('ready');
    lookAfter();
    return { ...farm, defaultDomain: demoDomain };
  };

  /** Whatever stops it is kept for every window, and thrown on to the one that asked. */
  const keepingFailure = async <Result>(act: DemoFailure['act'], work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      state.fail(act, toFailure(error, deps.log, { demo: act }));
      throw error;
    }
  };
  const startOnce = async (language: Language): Promise<FarmView> => {
    if (removing !== undefined) await removing.catch(() => undefined);
    const present = holder.current();
    if (present !== undefined && !present.isDemo) throw new FarmError('EXISTS', { kind: 'farm', name: present.name });
    const { isSupported } = deps.local;
    // Nothing was begun where there is no farm: the page of a new home says it without having tried.
    if (!isSupported && present === undefined) throw new FarmError('DEMO_NOT_HERE', {});
    return keepingFailure('start', isSupported ? begin(language) : Promise.reject(new FarmError('DEMO_NOT_HERE', {})));
  };
  const start = (language: Language): Promise<FarmView> => {
    starting ??= startOnce(language).finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const removeOnce = async (): Promise<readonly string[]> => {
    if (starting !== undefined) await starting.catch(() => undefined);
    const farm = holder.current();
    if (farm === undefined) {
      // A start that failed before there was a farm has left nothing but its failure.
      enter('none');
      return [];
    }
    if (!farm.isDemo) throw new FarmError('NOT_FOUND', { kind: 'farm', name: 'demo' });
    return keepingFailure('remove', takeAway(farm));
  };
  const remove = (): Promise<readonly string[]> => {
    removing ??= removeOnce().finally(() => {
      removing = undefined;
    });
    return removing;
  };

  return {
    isPossible: deps.local.isSupported,
    step: state.step,
    failure: state.failure,
    start,
    revive: async () => {
      const farm = holder.current();
      if (farm?.isDemo !== true) return;
      enter('authorities');
      if (await isHalfRemoved()) await remove();
      else await start(farm.language);
    },
    remove,
    close: () => {
      isClosed = true;
      stopLooking();
    },
  };
}
