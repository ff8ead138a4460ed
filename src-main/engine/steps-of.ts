import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import {
  type AnyPart,
  type Call,
  type EffectPart,
  type Facts,
  type History,
  type JobDefinition,
  look,
  type LookPart,
  type Seen,
  type State,
} from '../effects/effect.ts';
import type { Job, JobStep } from '../model/jobs/job.ts';
import type { AnyPlanning, JobTable, Checkpoint, Step, StepContext } from './job-table.ts';
import { rehearse } from './rehearse.ts';

type Saved = { readonly before?: Seen<Facts>; readonly after?: Facts; readonly noted?: Checkpoint; readonly isKept?: boolean };
type SavedParts = Readonly<Record<string, Saved>>;

const isEffect = (part: AnyPart): part is EffectPart => part.kind === 'effect';

/** Everything that one call of a step works on. */
type Work = {
  readonly context: StepContext;
  readonly effects: readonly EffectPart[];
  readonly looks: readonly LookPart[];
  readonly state: State;
  /** A later step of this job, which has begun, takes the part's own thing away: where it is gone it is not missed. */
  readonly isTakenAwayLater: (part: EffectPart) => boolean;
  readonly saved: (key: string) => Saved;
  /** Kept until the step ends; `save` writes it at once. */
  readonly keep: (key: string, more: Saved) => void;
  readonly save: (key: string, more: Saved) => Promise<void>;
  readonly checkpoint: () => Checkpoint;
  readonly call: (key: string) => Call;
};

function partsIn(checkpoint: Checkpoint): SavedParts | undefined {
  // Written by `steps-of` alone, and by `convert` for jobs of older versions.
  return checkpoint.parts as SavedParts | undefined;
}

/** What the parts of a saved step have noted, whichever of them. */
export function notedIn(checkpoint: Checkpoint): Checkpoint {
  return Object.assign({}, ...Object.values(partsIn(checkpoint) ?? {}).map(({ noted }) => noted));
}

/** What stood before a part of a saved step acted; undefined where that is not saved. `key`: of the part. */
export function beforeIn(checkpoint: Checkpoint, key: string): Seen<Facts> | undefined {
  return partsIn(checkpoint)?.[key]?.before;
}

/** Steps that engine and screens know, made of the parts that a definition lists. The engine saves them, begins them and undoes them; what they do stands here. */
export function tableOf<I>(definition: JobDefinition<I>): JobTable {
  const row = jobCatalogue[definition.type];
  const steps = row.steps.map((name): Step => stepOf(definition, name));
  return {
    type: definition.type,
    version: definition.version,
    continues: definition.continues,
    onFailure: row.onFailure,
    resume: row.resume,
    steps,
    rehearse: (input, serverName) => rehearse(definition.parts(definition.read(input)), serverName),
    // Nobody but `begin-act.ts` and the rehearsals asks it, with what the row of this very type has read.
    ...('begin' in definition ? { begin: definition.begin as unknown as AnyPlanning } : {}),
    ...(definition.settle === undefined ? {} : { settle: settleOf(definition, definition.settle) }),
  };
}

function historyOf(part: EffectPart, saved: Saved | undefined): History<Facts> {
  return { before: part.before ?? saved?.before, after: saved?.after, noted: saved?.noted ?? {}, isKept: saved?.isKept === true };
}

/** What is saved of a step; a job that an older version began is read as this one would have written it. */
function savedOf<I>(
  definition: JobDefinition<I>,
  job: Job,
  step: string,
  checkpoint: (step: string) => Checkpoint,
  attempts: number,
): SavedParts {
  const parts = partsIn(checkpoint(step));
  const isOlder = parts === undefined && attempts > 0 && job.version !== definition.version;
  if (!isOlder || definition.convert === undefined) return parts ?? {};
  return partsIn(definition.convert(definition.read(job.input), step, checkpoint)) ?? {};
}

function workOf<I>(definition: JobDefinition<I>, name: string, context: StepContext): Work {
  const { job } = context;
  const all = definition.parts(definition.read(job.input));
  const parts = all.filter(({ step }) => step === name);
  let own: SavedParts = savedOf(definition, job, name, context.checkpoint, context.attempts(name));
  const saved = (key: string): Saved => own[key] ?? {};
  const keep = (key: string, more: Saved): void => {
    own = { ...own, [key]: { ...saved(key), ...more } };
  };
  const save = async (key: string, more: Saved): Promise<void> => {
    keep(key, more);
    await context.remember({ parts: own });
  };
  const state: State = {
    of: (part) => {
      const there = part.step === name ? own : savedOf(definition, job, part.step, context.checkpoint, context.attempts(part.step));
      return historyOf(part, there[part.key]) as History<never>;
    },
  };
  return {
    context,
    effects: parts.filter(isEffect),
    looks: parts.filter((part) => part.kind === 'look'),
    state,
    isTakenAwayLater: (part) =>
      all
        .slice(all.indexOf(part) + 1)
        .some(
          (later) =>
            isEffect(later) &&
            later.desired === 'absent' &&
            later.effect === part.effect &&
            later.key === part.key &&
            later.step !== name &&
            context.attempts(later.step) > 0,
        ),
    saved,
    keep,
    save,
    checkpoint: () => ({ parts: own }),
    call: (key) => ({
      signal: context.signal,
      waitFor: context.waitFor,
      get noted() {
        return saved(key).noted ?? {};
      },
      show: context.show,
      tell: context.tell,
      note: (noted) => save(key, { noted: { ...saved(key).noted, ...noted } }),
    }),
  };
}

const isGone = (seen: Seen<Facts>): seen is 'absent' | 'place-gone' => seen === 'absent' || seen === 'place-gone';

async function actOn(work: Work, part: EffectPart): Promise<boolean> {
  const { state, call, saved, keep, save } = work;
  const target = await part.target(state);
  if (target === undefined) return false;
  const { effect, key } = part;
  const known = part.before ?? saved(key).before;
  const isFresh = known !== undefined && !work.context.isRepeat && !part.isWithJob;
  const seen = isFresh ? known : await effect.observe(target, call(key));
  if (known === undefined) await save(key, { before: seen });
  if (part.desired === 'absent') {
    if (effect.describe(seen, 'absent', target) === undefined) return true;
    keep(key, { isKept: (await effect.remove(target, seen, call(key))) === 'kept' });
    return true;
  }
  if (isGone(seen) && work.isTakenAwayLater(part)) return true;
  const wanted = await part.desired(state);
  const mayBeHalf = effect.isWholeSeen === false && saved(key).after === undefined;
  const isSo = !mayBeHalf && effect.describe(seen, wanted, target) === undefined;
  if (!isSo) keep(key, { after: await effect.ensure(target, wanted, seen, call(key)) });
  else if (!isGone(seen)) keep(key, { after: seen });
  return true;
}

/** What undo brings a part to; undefined when it never acted, or when nothing can. */
async function goalOf(work: Work, part: EffectPart): Promise<{ readonly wanted: unknown } | undefined> {
  const { before } = historyOf(part, work.saved(part.key));
  if (before === undefined) return undefined;
  const wanted = isGone(before) ? 'absent' : await (part.undoTo ?? part.effect.restore)(before);
  return wanted === 'lost' ? undefined : { wanted };
}

async function undo(work: Work, part: EffectPart): Promise<void> {
  const goal = await goalOf(work, part);
  const target = goal === undefined ? undefined : await part.target(work.state);
  if (goal === undefined || target === undefined) return;
  const { effect, key } = part;
  const call = work.call(key);
  const seen = await effect.observe(target, call);
  if (seen === 'place-gone') return;
  if (goal.wanted === 'absent') {
    // Also where it looks absent: a half-made thing may not be seen.
    if ((await effect.remove(target, seen, call)) === 'kept') await work.save(key, { isKept: true });
    return;
  }
  if (isGone(seen) || effect.describe(seen, goal.wanted, target) !== undefined) await effect.ensure(target, goal.wanted, seen, call);
}

async function stands(work: Work, part: EffectPart): Promise<boolean> {
  // What was written with the job is not made again: later steps change it, and take it away.
  if (part.isWithJob) return true;
  const target = await part.target(work.state);
  if (target === undefined) return true;
  if (part.desired === 'absent' && work.saved(part.key).isKept === true) return true;
  const seen = await part.effect.observe(target, work.call(part.key));
  if (isGone(seen) && work.isTakenAwayLater(part)) return true;
  const wanted = part.desired === 'absent' ? 'absent' : await part.desired(work.state);
  return part.effect.describe(seen, wanted, target) === undefined;
}

async function remains(work: Work, part: EffectPart): Promise<boolean> {
  const goal = await goalOf(work, part);
  const target = goal === undefined ? undefined : await part.target(work.state);
  if (goal === undefined || target === undefined) return false;
  if (goal.wanted === 'absent' && work.saved(part.key).isKept === true) return false;
  const seen = await part.effect.observe(target, work.call(part.key));
  if (seen === 'place-gone') return false;
  if (goal.wanted !== 'absent' && seen === 'absent') return true;
  return part.effect.describe(seen, goal.wanted, target) !== undefined;
}

async function some(parts: readonly EffectPart[], is: (part: EffectPart) => Promise<boolean>): Promise<boolean> {
  for (const part of parts) if (await is(part)) return true;
  return false;
}

function stepOf<I>(definition: JobDefinition<I>, name: string): Step {
  const work = (context: StepContext): Work => workOf(definition, name, context);
  const partsOf = (job: Job): readonly AnyPart[] => definition.parts(definition.read(job.input)).filter(({ step }) => step === name);
  const each = async <Answer>(context: StepContext, ask: (part: EffectPart, target: unknown) => Answer | undefined): Promise<Answer[]> => {
    const { effects, state } = work(context);
    const answers: Answer[] = [];
    for (const part of effects) {
      const target = await part.target(state);
      const answer = target === undefined ? undefined : ask(part, target);
      if (answer !== undefined) answers.push(answer);
    }
    return answers;
  };
  return {
    name,
    timeoutMs: (job) => partsOf(job).reduce((sum, part) => sum + (part.kind === 'effect' ? part.effect.timeoutMs : part.timeoutMs), 0),
    waiting: (job) => {
      const [first] = partsOf(job);
      if (first === undefined) return { code: 'save', parameters: {} };
      return first.kind === 'effect' ? first.effect.waiting(job.subject.name) : first.waiting;
    },
    slots: (context) => each(context, ({ effect }, target) => effect.slot?.(target)),
    server: async (context) => (await each(context, ({ effect }, target) => effect.server?.(target)))[0],
    ahead: async (context) => {
      const { effects, state, saved, keep, call, checkpoint } = work(context);
      for (const part of effects) {
        if (part.before !== undefined || saved(part.key).before !== undefined) continue;
        const target = await part.target(state);
        if (target !== undefined) keep(part.key, { before: await part.effect.observe(target, call(part.key)) });
      }
      return checkpoint();
    },
    act: async (context) => {
      const at = work(context);
      let hasActed = at.looks.length > 0;
      for (const part of at.effects) hasActed = (await actOn(at, part)) || hasActed;
      for (const look of at.looks) await look.until(at.state, at.call(lookKey));
      return { outcome: hasActed ? 'done' : 'skipped', checkpoint: at.checkpoint() };
    },
    isThere: async (context) => {
      const at = work(context);
      if (context.job.direction === 'back') return some(at.effects, (part) => remains(at, part));
      if (at.effects.length === 0) return false;
      return !(await some(at.effects, async (part) => !(await stands(at, part))));
    },
    undo: async (context) => {
      const at = work(context);
      for (const part of at.effects.toReversed()) await undo(at, part);
      for (const look of at.looks) await look.back?.(at.state, at.call(lookKey));
    },
    leftovers: (context) => {
      const at = work(context);
      return at.effects.map((part) => ({
        of: part.effect.kind,
        see: async () => {
          const target = await part.target(at.state);
          const history = historyOf(part, at.saved(part.key));
          if (target === undefined || part.effect.evidence === undefined || at.saved(part.key).isKept === true) return [];
          return part.effect.evidence(target, history, at.call(part.key), 'whoever-answers');
        },
      }));
    },
    isPastReturn: (job, step) => isPastReturn(definition, job, step),
  };
}

const lookKey = 'look';

/** A part that takes away what it cannot bring back; begun and not known what was there counts, because it may have acted. */
function isPastReturn<I>(definition: JobDefinition<I>, job: Job, step: JobStep): boolean {
  if (step.attempts === 0) return false;
  const saved = savedOf(definition, job, step.name, (name) => (name === step.name ? step.checkpoint : {}), step.attempts);
  return definition
    .parts(definition.read(job.input))
    .filter(isEffect)
    .some((part) => {
      if (part.step !== step.name) return false;
      if (part.isNoReturn) return true;
      if (part.desired !== 'absent') return false;
      const { before } = historyOf(part, saved[part.key]);
      return before !== undefined && !isGone(before) && part.effect.restore(before) === 'lost';
    });
}

function settleOf<I>(definition: JobDefinition<I>, settle: NonNullable<JobDefinition<I>['settle']>): NonNullable<JobTable['settle']> {
  return async (context, failure) => {
    const { state, call } = workOf(definition, '', context);
    await settle(definition.read(context.job.input), state, call(lookKey), failure);
  };
}

async function proofOf(parts: readonly AnyPart[], state: State, call: Call): Promise<readonly Leftover[]> {
  const removed = parts.filter(isEffect).filter((part) => part.desired === 'absent');
  const found: Leftover[] = [];
  for (const part of removed) {
    const target = await part.target(state);
    const history: History<Facts> = state.of<Facts>(part);
    if (target !== undefined && part.effect.evidence !== undefined && !history.isKept)
      found.push(...(await part.effect.evidence(target, history, call, 'all')));
  }
  return found;
}

type ProofWords = {
  /** Codes in the order in which people read them; as the parts come when absent. */
  readonly order?: readonly string[];
  /** What a sentence calls the thing that a code is about. */
  readonly whatOf?: (code: string) => string;
};

/**
 * The end of a job that takes things away: everybody is asked once more about every part that it took away, and what they say stays with the job.
 * Throws `STILL_THERE` naming the first thing that is.
 */
export function proof(parts: readonly AnyPart[], name: string, { order = [], whatOf = (code) => code }: ProofWords = {}): LookPart {
  return look('proof', { timeoutMs: 60_000, waiting: { code: 'save', parameters: {} } }, async (state, call) => {
    const found = await proofOf(parts, state, call);
    const leftovers = found.toSorted((one, other) => order.indexOf(one.code) - order.indexOf(other.code));
    await call.show({ traces: leftovers });
    const left = leftovers.find(({ isPresent }) => isPresent);
    if (left !== undefined) throw new FarmError('STILL_THERE', { name, what: whatOf(left.code), witness: left.witness });
  });
}
