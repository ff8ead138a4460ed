import type { ByRowType, OwnFormType, StepName } from '#contract/catalogue/jobs.ts';
import type { StepNote, Leftover, Waiting } from '#contract/api/jobs.ts';
import type { JobPlanning } from '../ports/job-plan.ts';

/** A thing as it was seen. `place-gone`: its server or its zone has left the farm; that counts as absent, and nobody can be asked. */
export type Seen<F extends object> = F | 'absent' | 'place-gone';

/** What an effect says it would do: the words are `jobs.change.<code>`. */
export type Change = { readonly code: string; readonly parameters: Readonly<Record<string, string | number>> };

export type Call = {
  /** Aborted by the step's limit, a cancel or the end of the core: passed on to everything that is waited for. */
  readonly signal: AbortSignal;
  readonly waitFor: (waiting: Waiting) => void;
  /** What this part has noted so far: plain JSON without secrets. */
  readonly noted: Readonly<Record<string, unknown>>;
  /** Adds to it, and resolves once that is saved: before the act that it is about. */
  readonly note: (noted: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Saves with the step what people must know of it beside its state, and resolves once that is saved. What was told already is told once. */
  readonly tell: (told: StepNote) => Promise<void>;
  /** Saves with the job what people are shown of it: what exists or is proved gone, and why which server was chosen. */
  readonly show: (what: { readonly traces?: readonly Leftover[]; readonly placement?: unknown }) => Promise<void>;
};

/**
 * One kind of thing in the world, and the only code that changes it. T and W are references and plain values, never secrets; F is plain JSON without
 * secrets: it is saved with the job. Every call may be repeated after any interruption.
 */
export interface Effect<T, W, F extends object> {
  readonly kind: string;
  /** How long one act may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What is waited for before the act says it more exactly. */
  readonly waiting: (subject: string) => Waiting;
  /** False: a look cannot tell a whole thing from one whose making broke off, so that `ensure` is called until it has answered once. */
  readonly isWholeSeen?: false;
  /** `<kind of work>@<object>`: the queue lets few of the same at once. */
  readonly slot?: (target: T) => string;
  /** The server whose agent does the work: a link that breaks in the middle is waited for. */
  readonly server?: (target: T) => string;
  /** From the store and from what following knows; asks nobody. For the rehearsal. */
  readonly known?: (target: T) => Promise<Seen<F> | 'unknown'>;
  /** For the rehearsal: what `ensure` would answer. */
  readonly foresee?: (target: T, wanted: W) => Promise<F | undefined>;
  /** Looks afresh. A half-made thing is facts, not absent. Throws when it could not look. */
  readonly observe: (target: T, call: Call) => Promise<Seen<F>>;
  /**
   * Pure: the change that makes it so, undefined when it stands so; that may be where the thing is gone, too, if all that is desired of it is that it does
   * nothing.
   */
  readonly describe: (seen: Seen<F> | 'unknown', wanted: W | 'absent', target: T) => Change | undefined;
  /** Makes it so from any half-made state; called only where `describe` says a change. */
  readonly ensure: (target: T, wanted: W, seen: Seen<F>, call: Call) => Promise<F>;
  /** Gives up the farm's claim. `kept`: another claim holds the thing, which is a success: the last claim takes it away. */
  readonly remove: (target: T, seen: Seen<F>, call: Call) => Promise<'gone' | 'kept'>;
  /** What undo asks for, given what stood before: a desired state, `absent` when nothing of it was ours, `lost` when it cannot come back. */
  readonly restore: (before: F) => W | 'absent' | 'lost';
  /** What of it can be seen now, or is proved gone. `whom`: the proof needs everybody's answer, a look takes whoever answers. */
  readonly evidence?: (target: T, history: History<F>, call: Call, whom: 'all' | 'whoever-answers') => Promise<readonly Leftover[]>;
}

/** What is saved of one part. `before` is written once, ahead of its first act, and survives every repeat. */
export type History<F extends object> = {
  readonly before: Seen<F> | undefined;
  readonly after: F | undefined;
  readonly noted: Readonly<Record<string, unknown>>;
  /** Another claim held it when ours was given up. */
  readonly isKept: boolean;
};

/** What has been saved of all parts so far. */
export type State = { readonly of: <F extends object>(part: Part<F>) => History<F> };
type At<X> = (state: State) => X | Promise<X>;

/** An effect of which the engine knows only that its three types belong together. */
export type AnyEffect = Effect<unknown, unknown, Facts>;
export type Facts = Readonly<Record<string, unknown>>;

export type EffectPart = {
  readonly kind: 'effect';
  readonly step: string;
  /** Unique in its step; what is saved of the part is saved under it. */
  readonly key: string;
  readonly effect: AnyEffect;
  readonly target: At<unknown>;
  readonly desired: 'absent' | At<unknown>;
  /** Known without a look: what was saved with the job, or what cannot be there because this job made its id. */
  readonly before: Seen<Facts> | undefined;
  /** Written in the transaction that began the job: it is there already when its step begins. */
  readonly isWithJob: boolean;
  readonly isNoReturn: boolean;
  /** In the place of the effect's `restore`. */
  readonly undoTo: ((before: Facts) => unknown) | undefined;
};

/** Only looks, or waits until it sees: it leaves nothing, so that it is simply done again. In a step it comes after the effects, both ways. */
export type LookPart = {
  readonly kind: 'look';
  readonly step: string;
  readonly timeoutMs: number;
  readonly waiting: Waiting;
  readonly until: (state: State, call: Call) => Promise<void>;
  readonly back: ((state: State, call: Call) => Promise<void>) | undefined;
};
/** `facts` is never there: it carries the type of what is saved of the part. */
export type Part<F extends object = object> = EffectPart & { readonly facts?: F };
export type AnyPart = EffectPart | LookPart;

type More<W, F extends object> = {
  /** See `before` of the part. `absent`: this job makes the thing's id, so that nobody needs to be asked. */
  readonly before?: Seen<F>;
  /** See `isWithJob` of the part. */
  readonly isWithJob?: true;
  /** From here on the job can only be continued, whatever `restore` says. */
  readonly isNoReturn?: true;
  /** Where the same effect is used twice in a step. */
  readonly key?: string;
  /** What undo asks for in the place of what `restore` says: others may have changed meanwhile what it should be. Never more than `restore` can bring back. */
  readonly undoTo?: (before: F) => W | 'absent' | Promise<W | 'absent'>;
};

/** One effect in a step. A target that is undefined skips the part. */
export function use<T, W, F extends object, S extends string = StepName>(step: S, effect: Effect<T, W, F>) {
  const part = (target: At<T | undefined>, desired: 'absent' | At<W>, more: More<W, F>): Part<F> => ({
    kind: 'effect',
    step,
    key: more.key ?? effect.kind,
    // Outside of here nobody mixes target, wanted and facts of two effects.
    effect: effect as unknown as AnyEffect,
    target,
    desired,
    before: more.before as Seen<Facts> | undefined,
    isWithJob: more.isWithJob === true,
    isNoReturn: more.isNoReturn === true,
    undoTo: more.undoTo as EffectPart['undoTo'],
  });
  return {
    ensure: (target: At<T | undefined>, desired: At<W>, more: More<W, F> = {}): Part<F> => part(target, desired, more),
    remove: (target: At<T | undefined>, more: More<W, F> = {}): Part<F> => part(target, 'absent', more),
  };
}

export function look<S extends string = StepName>(
  step: S,
  limits: { readonly timeoutMs: number; readonly waiting: Waiting },
  until: LookPart['until'],
  back?: LookPart['back'],
): LookPart {
  return { kind: 'look', step, ...limits, until, back };
}

/** A type whose row says that it begins by it says how; the others are begun by code of their own. */
type Begins<I> = { readonly type: OwnFormType } | { [T in ByRowType]: { readonly type: T; readonly begin: JobPlanning<T, I> } }[ByRowType];

/** One type of job: the parts that make it, in order. From them follow do, continue, undo, proof and rehearsal. */
export type JobDefinition<I = unknown> = Begins<I> & {
  /** Rises when a job begun by an older definition could be misunderstood. */
  readonly version: number;
  readonly continues: readonly number[];
  /** Reads what was saved with the job. Throws when it is none of this type. */
  readonly read: (input: Readonly<Record<string, unknown>>) => I;
  readonly parts: (input: I) => readonly AnyPart[];
  /** For a job that ends by its failure: brings what is desired in line with what could be done, before that is saved. Repeatable. */
  readonly settle?: (input: I, state: State, call: Call, failure: unknown) => Promise<void>;
  /** What an older version saved of a step that had begun, as this one reads it: `{ parts: { <key>: { before, after, noted } } }`. `checkpoint`: of any step. */
  readonly convert?: (
    input: I,
    step: string,
    checkpoint: (step: string) => Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
};
