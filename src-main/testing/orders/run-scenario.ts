import type { JobState } from '#contract/api/jobs.ts';
import { type JobType, jobTypes } from '#contract/catalogue/jobs.ts';
import { createLightWorld, type Death, type LightWorld } from '../light/light-world.ts';
import type { Act } from './acts.ts';
import { beginAct } from './begin-act.ts';
import { faultsOf } from './oracle.ts';
import type { Plant } from './run-order.ts';
import { scenarios } from './scenarios.ts';
import { sweep, withoutDrawn } from './sweep.ts';

/** Does an act to its end. Throws where it does not come to a good one. */
export async function doneIn(world: LightWorld, act: Act): Promise<void> {
  const asked = beginAct(world, world.now().client, act);
  if (asked === undefined) throw new Error(`${act.do}: what it is about is not there`);
  const { id } = await world.turns.during(asked, 'it begins');
  await world.turns.until('it ends', () => world.isSettled(id));
  const job = world.disk.jobs.get(id);
  if (job?.state !== 'done') throw new Error(`${act.do} is ${job?.state}: ${JSON.stringify(job?.failure)}`);
}

/** A farm in which everything is done that comes before the act of a type, and has come to rest. */
export async function prepared(seed: number, type: JobType, plant: Plant = {}): Promise<LightWorld> {
  const world = await createLightWorld(seed, plant);
  await world.open();
  for (const act of scenarios[type].before) await doneIn(world, act);
  await world.turns.pass(60_000);
  return world;
}

const isEnded = (state: JobState): boolean => ['done', 'undone', 'failed'].includes(state);

/** Every job of the home brought to an end, as a person would. */
async function toTheEnd(world: LightWorld, choice: 'continue' | 'undo'): Promise<void> {
  for (;;) {
    await world.turns.until('every job comes to a stop', () => world.jobs().every(({ id }) => world.isSettled(id)));
    const [open] = world.jobs().filter(({ state }) => !isEnded(state));
    if (open === undefined) return;
    const { client } = world.now();
    const { canUndo, direction } = await world.turns.during(client.jobs.get({ jobId: open.id }), 'it is looked at');
    const act = choice === 'undo' && (canUndo || direction === 'back') ? 'undo' : 'continue';
    await world.turns.during(client.jobs[act]({ jobId: open.id, requestKey: world.key() }), 'it is led on');
  }
}

export type Outcome = {
  /** False where the job had ended before that commit. */
  readonly hasDied: boolean;
  /** As the job ended; undefined where it was never saved. */
  readonly state: JobState | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly faults: readonly string[];
};

/** How the scenario of a type goes: without a death as it is begun, else what a person chooses after it. */
export type Ending = { readonly type: JobType; readonly choice: 'continue' | 'undo'; readonly death?: Death };

/** The first deaths of every type, each by its name. */
export const firstDeaths: readonly (Ending & { readonly name: string })[] = jobTypes.flatMap((type) =>
  Array.from({ length: 24 }, (_, at) => at + 1).flatMap((after) =>
    (['undo', 'continue'] as const).map((choice) => ({
      name: `${type} dies at commit ${after} / ${choice}`,
      type,
      choice,
      death: { after, isDurable: true },
    })),
  ),
);

/** The act of a type; its core dies at a commit, is opened again, and the job is brought to its end. */
export async function runScenario({ type, choice, death }: Ending, seed = 1, plant: Plant = {}): Promise<Outcome> {
  const world = await prepared(seed, type, plant);
  const before = withoutDrawn(sweep(world));
  const known = new Set(world.jobs().map(({ id }) => id));
  if (death !== undefined) void world.dieAt({ ...death });
  let hasBegun = false;
  let refusal: unknown;
  // whoever asked a core that died hears nothing
  beginAct(world, world.now().client, scenarios[type].act)?.then(
    () => {
      hasBegun = true;
    },
    (error: unknown) => {
      refusal = error;
      hasBegun = true;
    },
  );
  await world.turns.until(
    'it ends, or its core dies',
    () => world.isDead() || (hasBegun && world.jobs().every(({ id }) => world.isSettled(id))),
  );
  const hasDied = world.isDead();
  world.spare();
  if (hasDied) await world.open();
  else if (refusal !== undefined) throw refusal;
  await toTheEnd(world, choice);
  const job = world.jobs().find(({ id }) => !known.has(id));
  // what heals by itself does so within some minutes
  for (const ms of [3000, 120_000, 600_000]) {
    await world.turns.pass(ms);
    if (faultsOf(world).length === 0) break;
  }
  const after = withoutDrawn(sweep(world));
  const faults = faultsOf(world);
  world.kill();
  return { hasDied, state: job?.state, before, after, faults };
}
