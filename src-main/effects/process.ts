import type { AgentInstance, StoppedInstance } from '#contract/agent/instances.ts';
import { lookAt, type OnServer, orIfAbsent, siteOn } from '../checks/site.ts';
import { firstWaitMs, nextWaitMs, pause } from '../checks/pause.ts';
import type { AgentReads } from '../ports/agent-link.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { Call, Effect } from './effect.ts';
import { quietNote } from './quiet-note.ts';

/**
 * `mustBeHealthy`: it is not there before its health answer is good; without it a broken application is let be as broken as it was.
 * `notProcess`: another process than this one, by the mark of the facts; while this one runs, its agent ends it and starts the next.
 */
export type ProcessWanted = {
  readonly run: 'running' | 'stopped';
  readonly mustBeHealthy?: boolean;
  readonly notProcess?: string | undefined;
};
/** `wanted`: what its agent was told last. `process`: which process it is, where there is one; ids of processes come again, so its begin is in it. */
export type ProcessFacts = {
  readonly wanted: 'running' | 'stopped';
  readonly state: AgentInstance['process']['state'];
  readonly health: AgentInstance['health'];
  readonly process?: string;
};
export type ProcessDeps = { readonly store: Store; readonly clock: Clock; readonly agents: Agents; readonly agentWritesOf: AgentWritesOf };

export const processFactsOf = ({ wanted, process, health }: AgentInstance): ProcessFacts => ({
  wanted,
  state: process.state,
  health,
  ...('startedAtMs' in process ? { process: `${process.processId}@${Math.round(process.startedAtMs)}` } : {}),
});

/** Whether an instance runs: what its agent is told to keep it at, and what it does. */
export function createProcessEffect(deps: ProcessDeps): Effect<OnServer, ProcessWanted, ProcessFacts> {
  return {
    kind: 'process',
    // the agent keeps the manifest's own limit, which is at most ten minutes
    timeoutMs: 660_000,
    waiting: (name) => ({ code: 'start', parameters: { name } }),
    slot: ({ serverId }) => `start@${serverId}`,
    server: ({ serverId }) => serverId,
    known: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const seen = deps.agents.instance(at.instanceId)?.instance;
      if (seen !== undefined) return processFactsOf(seen);
      return deps.agents.followsInstances(at.serverId) ? 'absent' : 'unknown';
    },
    observe: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const client = await lookAt(deps, at.serverId);
      const instance = await orIfAbsent(client.instances.describe({ instanceId: at.instanceId }));
      return instance === undefined ? 'absent' : processFactsOf(instance);
    },
    describe: (seen, wanted, { name }) => {
      const facts = typeof seen === 'object' ? seen : undefined;
      if (wanted === 'absent' || wanted.run === 'stopped') {
        const isStopped = facts === undefined ? seen !== 'unknown' : facts.wanted === 'stopped' && facts.state === 'none';
        return isStopped ? undefined : { code: 'process-stop', parameters: { name } };
      }
      const isGoodEnough = wanted.mustBeHealthy !== true || (facts?.state === 'running' && facts.health !== 'unhealthy');
      const isOther = wanted.notProcess === undefined || facts?.process !== wanted.notProcess;
      return facts?.wanted === 'running' && isGoodEnough && isOther ? undefined : { code: 'process-start', parameters: { name } };
    },
    ensure: async (at, wanted, seen, call) => {
      const client = await deps.agents.client(at.serverId);
      if (wanted.run === 'stopped') return stop(deps, client, at, call);
      call.waitFor({ code: 'start', parameters: { name: at.name } });
      const isOld = wanted.notProcess !== undefined && typeof seen === 'object' && seen.process === wanted.notProcess;
      const { instances } = deps.agentWritesOf(client);
      const act = isOld ? instances.restart : instances.start;
      const started: StoppedInstance =
        wanted.mustBeHealthy === true
          ? await act({ instanceId: at.instanceId }, { signal: call.signal }).catch(async (error: unknown) => {
              await tellEnded(client, at, call);
              throw error;
            })
          : await begin(deps, client, at, call);
      await tellQuiet(at, started, call);
      deps.agents.saw(at.serverId, started);
      return processFactsOf(started);
    },
    remove: async (at, seen, call) => {
      if (seen !== 'place-gone') await stop(deps, await deps.agents.client(at.serverId), at, call);
      return 'gone';
    },
    // What answered before is back when it answers again; what was broken is let be as broken as it was.
    restore: ({ wanted, health }) => ({ run: wanted, ...(wanted === 'running' && health === 'healthy' ? { mustBeHealthy: true } : {}) }),
  };
}

/** Absent is stopped. */
async function stop(deps: ProcessDeps, client: AgentReads, at: OnServer, call: Call): Promise<ProcessFacts> {
  call.waitFor({ code: 'stop', parameters: { name: at.name } });
  const stopped = await orIfAbsent(deps.agentWritesOf(client).instances.stop({ instanceId: at.instanceId }, { signal: call.signal }));
  if (stopped === undefined) return { wanted: 'stopped', state: 'none', health: 'unknown' };
  await tellQuiet(at, stopped, call);
  deps.agents.saw(at.serverId, stopped);
  return processFactsOf(stopped);
}

/** Saved before the step ends: asked again, the agent has nothing to end and says nothing of it. */
async function tellQuiet({ name }: OnServer, { quiet }: Pick<StoppedInstance, 'quiet'>, call: Call): Promise<void> {
  const told = quietNote(name, quiet);
  if (told !== undefined) await call.tell(told);
}

/** A restart that failed may have ended it first. What went wrong is told in any case. */
async function tellEnded(client: AgentReads, at: OnServer, call: Call): Promise<void> {
  try {
    await tellQuiet(at, await client.instances.describe({ instanceId: at.instanceId }, { signal: call.signal }), call);
  } catch {
    // gone, out of reach or called off
  }
}

/** Tells the agent to run it, and waits no longer than until it does so: how well the application answers is not asked. */
async function begin(deps: ProcessDeps, client: AgentReads, at: OnServer, call: Call): Promise<AgentInstance> {
  const { instanceId } = at;
  const letGo = new AbortController();
  const answered = deps
    .agentWritesOf(client)
    .instances.start({ instanceId }, { signal: AbortSignal.any([call.signal, letGo.signal]) })
    .then(
      (instance) => ({ instance, error: undefined }),
      (error: unknown) => ({ instance: undefined, error }),
    );
  try {
    for (let waitMs = firstWaitMs; ; waitMs = nextWaitMs(waitMs)) {
      const answer = await Promise.race([answered, pause(deps.clock, waitMs, call.signal)]);
      if (answer?.instance !== undefined) return answer.instance;
      const now = await client.instances.describe({ instanceId });
      if (now.wanted === 'running' && now.process.state !== 'none' && now.process.state !== 'stopping') return now;
      if (answer !== undefined) throw answer.error;
    }
  } finally {
    letGo.abort(new Error('told'));
  }
}
