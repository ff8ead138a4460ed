import type { Failure } from '#contract/errors.ts';
import { isFarmError } from '#contract/errors.ts';
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
  readonly drifts: () => readonly Drift[];
  readonly forget: (serverId: string) => void;
};

type Deps = {
  readonly parts: readonly ReconcilePart[];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onChange: (serverId: string) => void;
};

const again = { firstMs: 5000, longestMs: 5 * 60_000, chance: 0.3 };
/** A farm whose servers all come back at once is followed first; this many are put in order at a time. */
const mostAtOnce = 10;

export function createReconcile(deps: Deps): Reconcile {
  const drifts = new Map<string, readonly Drift[]>();
  const turns = createSemaphore(mostAtOnce);

  const failureOf = (error: unknown, where: Record<string, string>): Failure => {
    if (isFarmError(error)) return { code: error.code, parameters: { ...error.parameters } };
    return { code: 'INTERNAL', parameters: {}, reference: deps.log.bug(error, where) };
  };
  /** One object after another, so that a server is not asked for everything at once; what fails stops none of the others. */
  const passPart = async ({ kind, list }: ReconcilePart, serverId: string, signal: AbortSignal): Promise<Drift[]> => {
    const found: Drift[] = [];
    const note = (name: string, error: unknown): void => {
      if (signal.aborted) return;
      const failure = failureOf(error, { serverId, kind, name });
      found.push({ serverId, kind, name, failure, sinceMs: deps.clock.nowMs() });
    };
    try {
      for (const { name, ensure } of await list(serverId)) {
        if (signal.aborted) break;
        await ensure().catch((error: unknown) => note(name, error));
      }
    } catch (error) {
      note('', error);
    }
    return found;
  };
  const pass = async (serverId: string, signal: AbortSignal): Promise<boolean> => {
    const found = (await Promise.all(deps.parts.map((part) => passPart(part, serverId, signal)))).flat();
    if (signal.aborted) return true;
    const before = drifts.get(serverId) ?? [];
    // What failed before and fails still began then.
    const now = found.map((drift) => ({
      ...drift,
      sinceMs: before.find(({ kind, name }) => kind === drift.kind && name === drift.name)?.sinceMs ?? drift.sinceMs,
    }));
    if (now.length > 0) drifts.set(serverId, now);
    else drifts.delete(serverId);
    if (JSON.stringify(before) !== JSON.stringify(now)) deps.onChange(serverId);
    return now.length === 0;
  };

  return {
    run: async (serverId, signal) => {
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        const leave = await turns.enter();
        const isInOrder = await pass(serverId, signal).finally(leave);
        if (isInOrder) return;
        await waitFor(deps.clock.after, backOffMs(again, attempt, deps.random()), signal);
      }
    },
    drifts: () => [...drifts.values()].flat(),
    forget: (serverId) => {
      if (drifts.delete(serverId)) deps.onChange(serverId);
    },
  };
}
