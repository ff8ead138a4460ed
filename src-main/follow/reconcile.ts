import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import { answerWithin } from '#kit/answer-within.ts';
import { backOffMs } from '#kit/back-off.ts';
import { createSemaphore } from '#kit/semaphore.ts';
import { waitFor } from '#kit/wait.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reconcilable } from '../ports/reconcile.ts';
import type { Log } from '../ports/request.ts';

/** What the farm puts in order by itself on a server that came back: each object on its own. */
export type ReconcileKind = 'certificate' | 'route' | 'package';

export type ReconcilePart = {
  readonly kind: ReconcileKind;
  /** What should be on this server, from rows and one look. */
  readonly list: (serverId: string) => Promise<readonly Reconcilable[]>;
};

/** What could not be put in order; it is tried again while the link stands. */
export type Drift = {
  readonly serverId: string;
  readonly kind: ReconcileKind;
  /** Empty when not even the look succeeded. */
  readonly name: string;
  readonly failure: Failure;
  readonly sinceMs: number;
};

export type Reconcile = {
  /** Puts a server in order, and again what failed, until the signal is given. Never throws. */
  readonly run: (serverId: string, signal: AbortSignal) => Promise<void>;
  /** Puts every server that is connected in order once more: somebody left something on some as it should not stay. */
  readonly againEverywhere: () => void;
  readonly drifts: () => readonly Drift[];
  /** Everything on that server was gone through since this began: what `drifts` does not name is in order. */
  readonly isKnown: (serverId: string) => boolean;
  readonly forget: (serverId: string) => void;
};

type Deps = {
  readonly parts: readonly ReconcilePart[];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onChange: (serverId: string) => void;
};

/** One connection of a server; `late` are the objects that hung in it. */
type Run = { readonly serverId: string; readonly signal: AbortSignal; readonly late: Set<string> };
type PartPassed = {
  readonly found: readonly Drift[];
  readonly untried: readonly { readonly kind: ReconcileKind; readonly name: string }[];
  /** A job had one of them: no drift, but nobody knows yet what the job leaves behind. */
  readonly hasLocked: boolean;
};

const again = { firstMs: 5000, longestMs: 5 * 60_000, chance: 0.3 };
/** Everything here is a few short calls; what takes longer hangs, or waits behind an act that does. */
const limitMs = 60_000;
/** A farm whose servers all come back at once is followed first; this many are put in order at a time. */
const mostAtOnce = 10;

export function createReconcile(deps: Deps): Reconcile {
  const drifts = new Map<string, readonly Drift[]>();
  const known = new Set<string>();
  const connections = new Map<string, AbortSignal>();
  const running = new Set<AbortSignal>();
  /** Ends the wait of a server that is to be tried again later. */
  const waking = new Map<string, AbortController>();
  /** Servers that are to be gone through once more after what is under way. */
  const wanted = new Set<string>();
  const turns = createSemaphore(mostAtOnce);

  const failureOf = (error: unknown, where: Record<string, string>): Failure => {
    if (isFarmError(error)) return { code: error.code, parameters: { ...error.parameters } };
    return { code: 'INTERNAL', parameters: {}, reference: deps.log.bug(error, where) };
  };
  const within = async <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> => {
    const answer = await answerWithin(deps.clock.after, limitMs, work, signal);
    if (answer.state === 'late') throw new FarmError('NOT_IN_ORDER_IN_TIME', { seconds: limitMs / 1000 });
    return answer.state === 'done' ? answer.value : undefined;
  };
  /**
   * One object after another, so that a server is not asked for everything at once; what fails stops none of the others. One that hangs ends the part
   * for this time, or a server with many would keep its place for hours; those before come last next time, so that it holds up nobody for good.
   */
  const passPart = async ({ kind, list }: ReconcilePart, { serverId, signal, late }: Run): Promise<PartPassed> => {
    const found: Drift[] = [];
    let hasLocked = false;
    const note = (name: string, error: unknown): void => {
      if (signal.aborted) return;
      const failure = failureOf(error, { serverId, kind, name });
      found.push({ serverId, kind, name, failure, sinceMs: deps.clock.nowMs() });
    };
    const keyOf = (name: string): string => `${kind} ${name}`;
    const isLate = (error: unknown): boolean => isFarmError(error, 'NOT_IN_ORDER_IN_TIME');
    try {
      const listed = (await within(list(serverId), signal)) ?? [];
      const objects = listed.toSorted((one, other) => Number(late.has(keyOf(one.name))) - Number(late.has(keyOf(other.name))));
      for (const [index, { name, ensure }] of objects.entries()) {
        if (signal.aborted) break;
        try {
          hasLocked = (await within(ensure(), signal)) === 'locked' || hasLocked;
          late.delete(keyOf(name));
        } catch (error) {
          note(name, error);
          if (!isLate(error)) continue;
          late.add(keyOf(name));
          return { found, untried: objects.slice(index + 1).map((one) => ({ kind, name: one.name })), hasLocked };
        }
      }
    } catch (error) {
      note('', error);
    }
    return { found, untried: [], hasLocked };
  };
  const pass = async (run: Run): Promise<boolean> => {
    const { serverId, signal } = run;
    const parts = await Promise.all(deps.parts.map((part) => passPart(part, run)));
    if (signal.aborted) return true;
    const before = drifts.get(serverId) ?? [];
    const isOf = (drift: Drift) => (one: { readonly kind: ReconcileKind; readonly name: string }) =>
      one.kind === drift.kind && one.name === drift.name;
    const untried = parts.flatMap((part) => part.untried);
    const found = [...parts.flatMap((part) => part.found), ...before.filter((drift) => untried.some(isOf(drift)))];
    // What failed before and fails still began then.
    const now = found.map((drift) => ({ ...drift, sinceMs: before.find(isOf(drift))?.sinceMs ?? drift.sinceMs }));
    if (now.length > 0) drifts.set(serverId, now);
    else drifts.delete(serverId);
    known.add(serverId);
    if (JSON.stringify(before) !== JSON.stringify(now)) deps.onChange(serverId);
    return now.length === 0 && parts.every((part) => !part.hasLocked);
  };

  const run = async (serverId: string, signal: AbortSignal): Promise<void> => {
    const connection: Run = { serverId, signal, late: new Set() };
    running.add(signal);
    try {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        wanted.delete(serverId);
        const leave = await turns.enter();
        const isInOrder = await pass(connection).finally(leave);
        if (isInOrder && !wanted.has(serverId)) return;
        if (wanted.has(serverId)) continue;
        const wake = new AbortController();
        waking.set(serverId, wake);
        await waitFor(deps.clock.after, backOffMs(again, attempt, deps.random()), AbortSignal.any([signal, wake.signal]));
      }
    } finally {
      running.delete(signal);
    }
  };

  return {
    run: (serverId, signal) => {
      connections.set(serverId, signal);
      return run(serverId, signal);
    },
    againEverywhere: () => {
      for (const [serverId, signal] of connections) {
        if (signal.aborted) continue;
        wanted.add(serverId);
        waking.get(serverId)?.abort();
        if (!running.has(signal)) void run(serverId, signal);
      }
    },
    drifts: () => [...drifts.values()].flat(),
    isKnown: (serverId) => known.has(serverId),
    forget: (serverId) => {
      connections.delete(serverId);
      wanted.delete(serverId);
      known.delete(serverId);
      if (drifts.delete(serverId)) deps.onChange(serverId);
    },
  };
}
