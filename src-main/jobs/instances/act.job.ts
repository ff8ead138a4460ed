import type { AgentInstance } from '#contract/agent/instances.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { rowFor, rowOf } from '../../checks/sensible-act.ts';
import { placedSiteOf, orIfAbsent, lookAt } from '../../checks/site.ts';
import { untilPageSeen, untilSeenOutside } from '../../checks/until-seen-outside.ts';
import { type AnyPart, type Call, type JobDefinition, look, type Part, type State, use } from '../../effects/effect.ts';
import type { ProcessFacts } from '../../effects/process.ts';
import { desiredAfter } from '../../model/instances/acts.ts';
import type { Instance } from '../../model/instances/instance.ts';
import { type ActInput, actInput, type InstanceJobDeps } from './instance-job.ts';
import { planOn } from './plan-on.ts';

type OnAct = Extract<RunAct, 'start' | 'restart' | 'resume'>;
type OffAct = Exclude<RunAct, OnAct>;
const isOn = (type: RunAct): type is OnAct => desiredAfter[type] === 'running';

/** What its agent says of it now; undefined when it has no such instance. */
type Told = AgentInstance | undefined | 'not-asked';

/**
 * What a person does with an instance that is there. What is wanted of it is written with the job, so that a cut leaves what is wanted; a failure locks
 * nobody out, and `settle` says what can still be wanted after it.
 */
export function createActJob(deps: InstanceJobDeps, type: RunAct): JobDefinition<ActInput> {
  return {
    type,
    version: 1,
    continues: [],
    begin: {
      plan: async ({ instanceId }) => {
        const row = await rowOf(deps, instanceId);
        return planOn(deps, row, { type, input: await inputOf(deps, row, type), desired: desiredAfter[type] });
      },
      refuse: async ({ instanceId }) => {
        await rowFor(deps, instanceId, type);
        return undefined;
      },
    },
    read: (input) => actInput.parse(input),
    parts: (i) => (isOn(type) ? onParts(deps, i, type).all : offParts(deps, i, type)),
    settle: (i, state, call, failure) => (isOn(type) ? settleOn(deps, i, type, state, call, failure) : settleOff(deps, i, call)),
  };
}

/** Throws `OBJECT_BUSY` or `INSTANCE_STATE` for an instance that is on its way in or out, `NOT_FOUND` for one that stands on no server. */
async function inputOf(deps: InstanceJobDeps, row: Instance, type: RunAct): Promise<ActInput> {
  const { id, name, domainId, packageId, planId, serverId, desired } = row;
  if (desired === 'made' || desired === 'removed' || serverId === null) {
    await rowFor(deps, id, type);
    throw new FarmError('NOT_FOUND', { kind: 'server', name });
  }
  return { instanceId: id, name, domainId, packageId, planId, serverId, wish: desired };
}

/** Written with the job, and looked after once more at the end: settling may have taken it back when the core was killed before that was saved. */
function rowParts(
  { effects }: InstanceJobDeps,
  i: ActInput,
  type: RunAct,
  last: 'route' | 'stop',
): { readonly first: AnyPart; readonly again: AnyPart } {
  const before = { desired: i.wish };
  const desired = () => ({ desired: desiredAfter[type] });
  return {
    first: use('save', effects.row).ensure(() => i, desired, { before, isWithJob: true }),
    again: use(last, effects.row).ensure(() => i, desired, { before }),
  };
}

/** Its agent shows visitors that it starts until it answers; one that is resumed does so behind the page that says that it is suspended. */
function onParts(
  deps: InstanceJobDeps,
  i: ActInput,
  type: OnAct,
): { readonly all: readonly AnyPart[]; readonly process: Part<ProcessFacts> } {
  const { effects } = deps;
  const at = () => i;
  const row = rowParts(deps, i, type, 'route');
  const step = type === 'restart' ? 'restart' : 'start';
  const process: Part<ProcessFacts> = use(step, effects.process).ensure(at, (s) => {
    const { before } = s.of(process);
    const notProcess = type === 'restart' && typeof before === 'object' ? before.process : undefined;
    return { run: 'running', mustBeHealthy: true, notProcess };
  });
  const route = use('route', effects.route).ensure(at, () => ({ shows: 'running', isExact: true }));
  const outside = look('outside', { timeoutMs: 70_000, waiting: { code: 'check', parameters: {} } }, async (_s, call) =>
    untilSeenOutside(deps, await placedSiteOf(deps, i), call),
  );
  return { all: [row.first, process, route, row.again, outside], process };
}

/** Visitors get the page first, so that what they do last is kept. */
function offParts(deps: InstanceJobDeps, i: ActInput, type: OffAct): readonly AnyPart[] {
  const { effects } = deps;
  const at = () => i;
  const row = rowParts(deps, i, type, 'stop');
  const page = type === 'suspend' ? 'suspended' : 'broken';
  // Many may start slowly on a server: ending another one does not wait for them.
  const { slot: _startsOnly, ...process } = effects.process;
  return [
    row.first,
    use('page', effects.route).ensure(at, () => ({ shows: page })),
    use('stop', process).ensure(at, () => ({ run: 'stopped' })),
    use('stop', effects.route).ensure(at, () => ({ shows: page, isExact: true })),
    row.again,
    look('outside', { timeoutMs: 25_000, waiting: { code: 'check', parameters: {} } }, async (_s, call) =>
      untilPageSeen(deps, await placedSiteOf(deps, i), page, call),
    ),
  ];
}

async function askAgent(deps: InstanceJobDeps, { serverId, instanceId }: ActInput, { signal }: Call): Promise<Told> {
  try {
    const client = await lookAt(deps, serverId);
    const told = await orIfAbsent(client.instances.describe({ instanceId }, { signal }));
    if (told !== undefined) deps.agents.saw(serverId, told);
    return told;
  } catch {
    return 'not-asked';
  }
}

const wanted = async (deps: InstanceJobDeps, i: ActInput, desired: ActInput['wish'], call: Call): Promise<void> => {
  await deps.effects.row.ensure(i, { desired }, { desired }, call);
};

/**
 * An agent that was told to start goes on trying: then that is what is wanted. One that cannot be asked any more may have been told; one that was never
 * reached was not. What was suspended stays it: it is not to come on the air by itself later.
 */
async function settleOn(deps: InstanceJobDeps, i: ActInput, type: OnAct, state: State, call: Call, failure: unknown): Promise<void> {
  const mayBeTold = state.of(onParts(deps, i, type).process).before !== undefined;
  if (i.wish === 'suspended') {
    await wanted(deps, i, 'suspended', call);
    if (mayBeTold && (await askAgent(deps, i, call)) !== 'not-asked') await takeBack(deps, i, call);
    return;
  }
  if (!mayBeTold && isFarmError(failure, 'SERVER_UNREACHABLE')) return wanted(deps, i, i.wish, call);
  const told = await askAgent(deps, i, call);
  const isToRun = told === 'not-asked' ? mayBeTold : told?.wanted === 'running';
  return wanted(deps, i, isToRun ? 'running' : i.wish, call);
}

/** The page first; what cannot be done now is done when the server is back. */
async function takeBack(deps: InstanceJobDeps, i: ActInput, call: Call): Promise<void> {
  const { route, process } = deps.effects;
  await route.ensure(i, { shows: 'suspended' }, 'absent', call).catch(() => undefined);
  await process.ensure(i, { run: 'stopped' }, 'absent', call).catch(() => undefined);
}

/** An agent that was told to stop, or cannot be asked: what is wanted stays. One that refuses goes on as before, and what is not there was not stopped. */
async function settleOff(deps: InstanceJobDeps, i: ActInput, call: Call): Promise<void> {
  const told = await askAgent(deps, i, call);
  if (told === undefined) return wanted(deps, i, i.wish, call);
  if (told === 'not-asked' || told.wanted !== 'running' || i.wish !== 'running') return undefined;
  await wanted(deps, i, 'running', call);
  await deps.effects.route.ensure(i, { shows: 'running' }, 'absent', call);
  return undefined;
}
