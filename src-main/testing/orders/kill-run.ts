import type { JobView } from '#contract/api/jobs.ts';
import { agentCommandHalves } from '#contract/agent/halves.ts';
import { jobCatalogue, type JobRow, type JobType, type StepName } from '#contract/catalogue/jobs.ts';
import { isFarmError } from '#contract/errors.ts';
import { addressOf, type LightWorld, type OpenOptions } from '../light/light-world.ts';
import { places } from '../light/places.ts';
import { beginAct } from './begin-act.ts';
import { faultsOf } from './oracle.ts';
import { prepared } from './run-scenario.ts';
import { scenarios } from './scenarios.ts';
import { sweep, withoutDrawn } from './sweep.ts';

export type Choice = 'continue' | 'undo';
/** What is done to a job, where, and what is chosen afterwards. */
export type KillCase = {
  readonly type: JobType;
  /** `<type>.<step>.before`, `.after`, and both with `.undo`. */
  readonly point: string;
  /**
   * `core`: killed once. `core twice`: again when it goes on by itself. `link`: cut there, until the job rests. `answer`: cut when an agent has done
   * the first thing after that point that changes something there, before the core hears of it. `blink`: as that, and back a moment later.
   */
  readonly what: 'core' | 'core twice' | 'link' | 'answer' | 'blink';
  readonly choice: Choice;
};
export const nameOfCase = ({ point, what, choice }: KillCase): string => `${point}, ${what}, ${choice}`;

/** From which step on a job can only be continued. */
export const pastReturnOf: { readonly [T in JobType]?: StepName<T> } = {
  remove: 'folder',
  'remove-domain': 'row',
  'keep-wildcard': 'rely',
  'remove-server': 'leave',
};

type Picture = readonly string[];
/** What is there, without what is drawn anew each time. */
export const pictureOf = (world: LightWorld): Picture => withoutDrawn(sweep(world));

/** What one has and the other has not; empty where they are the same. */
function differencesOf(is: Picture, should: Picture): Picture {
  const left = [...should];
  const more = is.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  return [...more.map((line) => `left over: ${line}`), ...left.map((line) => `missing: ${line}`)];
}

/** The job as nobody disturbs it. */
export type Course = {
  readonly before: Picture;
  readonly done: Picture;
  /** In the order in which it comes to them, with what its undo comes to. */
  readonly points: readonly string[];
  /** Steps in which an agent was spoken to, and those in which one was told to change something. */
  readonly asking: ReadonlySet<string>;
  readonly telling: ReadonlySet<string>;
};

function must(isSo: boolean, what: () => string): void {
  if (!isSo) throw new Error(what());
}
const equal = (is: unknown, should: unknown, what: string): void =>
  must(JSON.stringify(is) === JSON.stringify(should), () => `${what}: is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`);

const row = (type: JobType): JobRow => jobCatalogue[type];
const stepOf = (point: string): string => point.split('.')[1] ?? '';
/** Pairing changes an agent and is no command. */
function changes(command: string): boolean {
  const [area = '', name = ''] = command.split('.');
  const halves: Readonly<Record<string, Readonly<Record<string, string>>>> = agentCommandHalves;
  return command === 'pair' || halves[area]?.[name] === 'write';
}

/** One job in one farm of its own. */
class KillRun {
  readonly world: LightWorld;
  private readonly type: JobType;
  private id = '';
  constructor(world: LightWorld, type: JobType) {
    this.world = world;
    this.type = type;
  }

  begin(): void {
    // who asks may never hear of it
    void beginAct(this.world, this.world.now().client, scenarios[this.type].act)?.catch(() => undefined);
  }

  /** The job, as the disk has it. */
  job() {
    const newest = this.world.jobs().findLast(({ type }) => type === this.type);
    this.id = newest?.id ?? '';
    return newest;
  }

  view(): Promise<JobView> {
    const { world } = this;
    const asked = world.now().client.jobs.get({ jobId: this.id as never });
    return world.turns.during(asked, 'a job is shown');
  }

  /** The core dies at the point. */
  async dies(point: string): Promise<void> {
    await this.world.turns.until(`it comes to ${point}`, () => this.world.isDead());
  }

  async rests(): Promise<void> {
    const { world } = this;
    await world.turns.still();
    await world.turns.until('it rests', () => this.job() !== undefined && world.isSettled(this.id));
  }

  async choose(choice: Choice): Promise<void> {
    const { world } = this;
    const asked = world.now().client.jobs[choice]({ jobId: this.id as never, requestKey: world.key() });
    await world.turns.during(asked, choice);
  }

  async isRefused(): Promise<void> {
    const code = await this.choose('undo').then(
      () => 'taken',
      (error: unknown) => (isFarmError(error) ? error.code : String((error as { readonly code?: unknown }).code)),
    );
    equal(code, 'JOB_PAST_RETURN', 'an undo past the point of no return is answered with');
  }

  /** What heals by itself has its time; then the farm is as it must be, and as one of these. */
  async isAs(...pictures: readonly Picture[]): Promise<void> {
    const { world } = this;
    const wrong = (): readonly string[] => {
      const differences = pictures.map((one) => differencesOf(pictureOf(world), one));
      return [...faultsOf(world), ...(differences.some(({ length }) => length === 0) ? [] : (differences[0] ?? []))];
    };
    for (const ms of [3000, 30_000, 120_000, 600_000]) {
      if (wrong().length === 0) break;
      await world.turns.pass(ms);
    }
    equal(wrong(), [], 'afterwards');
  }

  /** What the job and its undo come to, from the trace of the farm. */
  points(): readonly string[] {
    return this.world.turns.trace.flatMap((line) => (line.startsWith(`at ${this.type}.`) ? [line.slice('at '.length)] : []));
  }

  /** Steps of its way there in whose time such a command was answered. */
  stepsWith(isSuch: (command: string) => boolean): ReadonlySet<string> {
    const found = new Set<string>();
    let step = '';
    for (const line of this.world.turns.trace) {
      if (line.startsWith(`at ${this.type}.`)) step = line.endsWith('.before') ? stepOf(line) : '';
      const command = /^\S+:\d+ (\S+) answered$/.exec(line)?.[1];
      if (step !== '' && command !== undefined && isSuch(command)) found.add(step);
    }
    return found;
  }
}

/** How many of its steps can be undone. */
function undoable(type: JobType): number {
  const pastReturn = pastReturnOf[type];
  return pastReturn === undefined ? row(type).steps.length : row(type).steps.indexOf(pastReturn);
}
/** The last point from which a person may. */
const lastUndoable = (type: JobType): string => `${type}.${row(type).steps[undoable(type) - 1]}.after`;
const mayUndoAt = (type: JobType, point: string): boolean => row(type).steps.indexOf(stepOf(point)) < undoable(type);

async function start(type: JobType, seed: number, options: OpenOptions): Promise<{ readonly run: KillRun; readonly before: Picture }> {
  const world = await prepared(seed, type, options);
  equal(faultsOf(world), [], 'before it');
  return { run: new KillRun(world, type), before: pictureOf(world) };
}

/** Brings a job to where a person may undo it at its latest, with the core alive. */
async function stopLate(run: KillRun, type: JobType): Promise<void> {
  const { world } = run;
  const isAuto = row(type).resume === 'auto';
  void world.at(lastUndoable(type));
  run.begin();
  await run.dies(lastUndoable(type));
  if (isAuto) {
    // once it goes on by itself; who dies in the same place again waits for a person
    void world.at(lastUndoable(type));
    await world.open();
    await run.dies(lastUndoable(type));
  }
  await world.open();
  await run.rests();
  equal(run.job()?.state, 'stopped', 'cut off late');
}

export async function courseOf(type: JobType, options: OpenOptions = {}): Promise<Course> {
  const { run, before } = await start(type, 1, options);
  run.begin();
  await run.rests();
  equal([run.job()?.state, run.job()?.failure], ['done', null], 'undisturbed');
  await run.world.turns.pass(60_000);
  const done = pictureOf(run.world);
  const points = [...run.points()];
  const asking = run.stepsWith(() => true);
  const telling = run.stepsWith(changes);
  run.world.kill();
  const undone = (await start(type, 2, options)).run;
  await stopLate(undone, type);
  const known = undone.points().length;
  await undone.choose('undo');
  await undone.rests();
  equal(undone.job()?.state, 'undone', 'undone undisturbed');
  await undone.isAs(before);
  points.push(...undone.points().slice(known));
  undone.world.kill();
  return { before, done, points, asking, telling };
}

/** Every case of a type. What comes to the same is once in it: a link that is cut right after a step is one that is cut right before the next. */
export function casesOf(type: JobType, { points, asking, telling }: Course): readonly KillCase[] {
  const { resume, onFailure } = row(type);
  const choices: readonly Choice[] = ['continue', 'undo'];
  return points.flatMap((point): KillCase[] => {
    const step = stepOf(point);
    if (point.endsWith('.before.undo'))
      return [
        { type, point, what: 'core', choice: 'undo' },
        ...(asking.has(step) ? [{ type, point, what: 'link', choice: 'undo' } as const] : []),
      ];
    if (point.endsWith('.after.undo')) return [{ type, point, what: 'core', choice: 'continue' }];
    const isBefore = point.endsWith('.before');
    const linked = isBefore ? [...(asking.has(step) ? (['link'] as const) : []), ...(telling.has(step) ? (['answer'] as const) : [])] : [];
    return [
      ...(resume === 'auto'
        ? [
            { type, point, what: 'core', choice: 'continue' } as const,
            ...choices.map((choice) => ({ type, point, what: 'core twice', choice }) as const),
          ]
        : choices.map((choice) => ({ type, point, what: 'core', choice }) as const)),
      ...linked.flatMap((what) => (onFailure === 'wait' ? choices : choices.slice(0, 1)).map((choice) => ({ type, point, what, choice }))),
      ...(isBefore && telling.has(step) ? [{ type, point, what: 'blink', choice: 'continue' } as const] : []),
    ];
  });
}

/** What a person chooses of a job that stopped on its way there, and what must come of it. */
async function turned(run: KillRun, { type, point, choice }: KillCase, { before, done }: Course, mayUndo: boolean): Promise<void> {
  if (choice === 'undo' && !mayUndo) await run.isRefused();
  const isUndo = choice === 'undo' && mayUndo;
  await run.choose(isUndo ? 'undo' : 'continue');
  await run.rests();
  equal([run.job()?.state, run.job()?.failure], [isUndo ? 'undone' : 'done', null], `${type} at ${point}, ${choice}`);
  await run.isAs(isUndo ? before : done);
}

async function coreDies(run: KillRun, one: KillCase, course: Course): Promise<void> {
  const { world } = run;
  const { type, point, what } = one;
  void world.at(point);
  run.begin();
  await run.dies(point);
  if (what === 'core twice') {
    void world.at(point);
    await world.open();
    await run.dies(point);
  }
  await world.open();
  await run.rests();
  if (row(type).resume === 'auto' && what === 'core') {
    equal([run.job()?.state, run.job()?.failure], ['done', null], 'it goes on by itself');
    return run.isAs(course.done);
  }
  const { state, failure, canUndo } = await run.view();
  equal([state, failure?.code, failure?.parameters], ['stopped', 'JOB_INTERRUPTED', { step: stepOf(point) }], 'cut off');
  equal(canUndo, mayUndoAt(type, point), 'it can be undone');
  return turned(run, one, course, canUndo);
}

const cutAll = ({ world }: KillRun, isCut: boolean): void => {
  for (const place of places) world.cut(addressOf(place), isCut);
};

/** The core dies, or every link does until the job rests, while it is undone. */
async function cutInUndo(run: KillRun, { type, point, what, choice }: KillCase, { before }: Course): Promise<void> {
  const { world } = run;
  await stopLate(run, type);
  const reached = world.at(point, what === 'link' ? () => cutAll(run, true) : () => world.kill());
  if (what === 'link') {
    await world.turns.during(Promise.all([run.choose('undo'), reached]), `it comes to ${point}`);
    await run.rests();
    cutAll(run, false);
    await world.turns.pass(3000);
  } else {
    void run.choose('undo').catch(() => undefined);
    await run.dies(point);
    await world.open();
  }
  await run.rests();
  const { state, direction } = await run.view();
  equal(direction, 'back', 'its direction');
  // without its link a step may find that nothing of it is there
  if (what === 'core' || state !== 'undone') {
    equal(state, 'stopped', 'cut off while it is undone');
    // either says: go on with the undo
    await run.choose(choice);
    await run.rests();
  }
  equal([run.job()?.state, run.job()?.failure], ['undone', null], 'undone again');
  await run.isAs(before);
}

async function linkDies(run: KillRun, one: KillCase, course: Course): Promise<void> {
  const { world } = run;
  const { type, point, what } = one;
  let isCut = false;
  void world.at(point, () => {
    if (what === 'link') {
      cutAll(run, true);
      isCut = true;
    } else
      world.onDone((address, command) => {
        if (!changes(command)) return;
        world.onDone(undefined);
        world.cut(address, true);
        isCut = true;
      });
  });
  run.begin();
  await world.turns.until('the link is cut', () => isCut || (run.job() !== undefined && world.isSettled(run.job()?.id ?? '')));
  must(isCut, () => `no agent was told anything after ${point}`);
  if (what === 'blink') {
    await world.turns.pass(300);
    cutAll(run, false);
  }
  await run.rests();
  cutAll(run, false);
  world.spare();
  await world.turns.pass(3000);
  await run.rests();
  const { state, direction, canUndo } = await run.view();
  const { onFailure } = row(type);
  const allowed = { wait: ['done', 'stopped'], back: ['done', 'undone', 'stopped'], end: ['done', 'failed'] }[onFailure];
  must(allowed.includes(state), () => `it is ${state}`);
  if (state === 'done') return run.isAs(course.done);
  if (state === 'undone') return run.isAs(course.before);
  // what was wanted is wanted still, or what can still be wanted
  if (state === 'failed') return run.isAs(course.done, course.before);
  if (direction !== 'back') return turned(run, one, course, canUndo);
  await run.choose(one.choice);
  await run.rests();
  equal([run.job()?.state, run.job()?.failure], ['undone', null], 'taken back');
  return run.isAs(course.before);
}

/** Throws what is wrong, in a sentence. The seed says who goes on first. */
export async function runKill(one: KillCase, course: Course, seed: number, options: OpenOptions = {}): Promise<void> {
  const { run } = await start(one.type, seed, options);
  try {
    if (one.point.endsWith('.undo')) await cutInUndo(run, one, course);
    else if (one.what === 'core' || one.what === 'core twice') await coreDies(run, one, course);
    else await linkDies(run, one, course);
  } finally {
    if (!run.world.isDead()) run.world.kill();
  }
}
