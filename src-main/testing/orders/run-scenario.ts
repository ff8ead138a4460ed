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

/** Every job of the home brought to an end, as a person would; `again`: the core dies once more after the first choice. Answers whether it has. */
async function toTheEnd(world: LightWorld, choice: 'continue' | 'undo', again: Death | undefined): Promise<boolean> {
  let deaths = again === undefined ? [] : [again];
  let hasDied = false;
  for (;;) {
    await world.turns.until('every job comes to a stop', () => world.isDead() || world.jobs().every(({ id }) => world.isSettled(id)));
    if (world.isDead()) {
      hasDied = true;
      await world.open();
      continue;
    }
    const [open] = world.jobs().filter(({ state }) => !isEnded(state));
    if (open === undefined) {
      world.spare();
      return hasDied;
    }
    const { client } = world.now();
    const { canUndo, direction } = await world.turns.during(client.jobs.get({ jobId: open.id }), 'it is looked at');
    const act = choice === 'undo' && (canUndo || direction === 'back') ? 'undo' : 'continue';
    for (const death of deaths) void world.dieAt({ ...death });
    deaths = [];
    const asked = client.jobs[act]({ jobId: open.id, requestKey: world.key() });
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    asked.then(over, over);
    await world.turns.until('it is led on, or its core dies', () => isOver || world.isDead());
    if (isOver) await asked;
  }
}

type Outcome = {
  /** False where the job had ended before that commit. */
  readonly hasDied: boolean;
  /** The same of `again`. */
  readonly hasDiedAgain: boolean;
  /** As the job ended; undefined where it was never saved. */
  readonly state: JobState | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly faults: readonly string[];
};

/** How the scenario of a type goes: without a death as it is begun, else what a person chooses after it, and `again` a death after that choice. */
export type Ending = { readonly type: JobType; readonly choice: 'continue' | 'undo'; readonly death?: Death; readonly again?: Death };

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
export async function runScenario({ type, choice, death, again }: Ending, seed = 1, plant: Plant = {}): Promise<Outcome> {
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
  const hasDiedAgain = await toTheEnd(world, choice, again);
  const job = world.jobs().find(({ id }) => !known.has(id));
  // what heals by itself does so within some minutes
  for (const ms of [3000, 120_000, 600_000]) {
    await world.turns.pass(ms);
    if (faultsOf(world).length === 0) break;
  }
  const after = withoutDrawn(sweep(world));
  const faults = faultsOf(world);
  world.kill();
  return { hasDied, hasDiedAgain, state: job?.state, before, after, faults };
}
