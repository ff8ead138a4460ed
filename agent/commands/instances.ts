import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { AgentInstance } from '#contract/agent/instances.ts';
import { FarmError } from '#contract/errors.ts';
import type { AgentClock, InstanceLogs, Supervisor } from '../ports.ts';
import { mergedEvents } from './event-queue.ts';
import { isPlainId } from './plain-id.ts';

const gatherMs = 60;

export type InstanceCommandNeeds = { readonly supervisor: Supervisor; readonly logs: InstanceLogs; readonly clock: AgentClock };

function checkId({ instanceId }: { readonly instanceId: string }): string {
  if (!isPlainId(instanceId)) throw new FarmError('PARAMETER_INVALID', { parameter: 'instanceId', problem: 'characters' });
  return instanceId;
}

/** All instances first, then the ones that changed, several in one event. */
async function* watchInstances({ supervisor, clock }: InstanceCommandNeeds, signal: AbortSignal | undefined) {
  const reader = new AbortController();
  const events = mergedEvents<ReadonlySet<string>>({
    subscribe: (listener) => supervisor.onChange((instanceId) => listener(new Set([instanceId]))),
    merge: (waiting, event) => new Set([...waiting, ...event]),
    gatherMs,
    after: clock.after,
    signal: signal === undefined ? reader.signal : AbortSignal.any([signal, reader.signal]),
  });
  // The subscription must stand before the list is read, or a change in between would be lost.
  const first = events.next();
  const known = new Map<string, AgentInstance>();
  try {
    yield { instances: supervisor.list(), removed: [] };
    for (let next = await first; next.done !== true; next = await events.next()) {
      known.clear();
      for (const instance of supervisor.list()) known.set(instance.instanceId, instance);
      const changed = [...next.value];
      yield { instances: changed.flatMap((id) => known.get(id) ?? []), removed: changed.filter((id) => !known.has(id)) };
    }
  } finally {
    // A generator that waits cannot be told to return: its signal wakes it.
    reader.abort();
    await events.return();
  }
}

/** Instances: created, started, kept alive, removed. All repeatable; the supervisor says what each act promises. */
export function createInstanceCommands(needs: InstanceCommandNeeds) {
  const { supervisor, logs } = needs;
  const area = implement(agentApi.instances);
  const withLog = (input: { readonly instanceId: string }): string => {
    const instanceId = checkId(input);
    if (!logs.has(instanceId)) throw new FarmError('NOT_FOUND', { kind: 'log', name: instanceId });
    return instanceId;
  };
  return area.router({
    list: area.list.handler(() => ({ instances: supervisor.list() })),
    describe: area.describe.handler(({ input }) => supervisor.describe(checkId(input))),
    create: area.create.handler(({ input }) => {
      checkId(input);
      return supervisor.create(input);
    }),
    allow: area.allow.handler(({ input }) => supervisor.allow(checkId(input), input.network)),
    start: area.start.handler(({ input }) => supervisor.start(checkId(input))),
    stop: area.stop.handler(({ input }) => supervisor.stop(checkId(input))),
    restart: area.restart.handler(({ input }) => supervisor.restart(checkId(input))),
    remove: area.remove.handler(({ input }) => supervisor.remove(checkId(input))),
    remains: area.remains.handler(({ input }) => supervisor.remains(checkId(input))),
    watch: area.watch.handler(({ signal }) => watchInstances(needs, signal)),
    log: area.log.handler(async ({ input }) => ({ lines: await logs.tail(withLog(input), input.lines) })),
    followLog: area.followLog.handler(async function* ({ input, signal }) {
      for await (const lines of logs.follow(withLog(input), input.lines, signal)) yield { lines };
    }),
  });
}
