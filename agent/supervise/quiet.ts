import type { QuietReport } from '#contract/agent/instances.ts';
import type { AgentClock, VisitorCount } from '../ports.ts';
import { lookAtTree, type TreeLimits, type TreeLook, usualTreeLimits } from './still-folder.ts';

export type QuietLimits = {
  /**
   * So long nothing may have changed, and nothing been acknowledged. TiddlyWiki 5.4 saves an edited tiddler up to 1.25 s after it was acknowledged
   * (core/modules/syncer.js: throttleInterval 1 s, looked at every 0.25 s).
   */
  readonly stillMs: number;
  /**
   * So long the folder has to be still where the edge tells when the last write was acknowledged, and that is `stillMs` ago. Not less than an application
   * waits between two versions of one thing: when the first was written late, behind many others, the second comes that much after it.
   */
  readonly writtenMs: number;
  /** Answers that have begun (downloads, event streams, WebSockets) are waited for so long: they may never end. */
  readonly streamsMs: number;
  /** After this it is ended all the same. */
  readonly limitMs: number;
  /** One that gives no answer cannot finish its requests: only its folder is waited for. */
  readonly hungMs: number;
  readonly everyMs: number;
};
export const usualQuietLimits: QuietLimits = {
  stillMs: 1500,
  writtenMs: 1300,
  streamsMs: 3000,
  limitMs: 10_000,
  hungMs: 2500,
  everyMs: 100,
};
const longestPauseMs = 1000;

/** What one look at an instance saw. */
export type QuietLook = {
  readonly elapsedMs: number;
  /** How much later than wanted its looks came in all. */
  readonly lateMs: number;
  /** Undefined when no edge could tell. */
  readonly count: VisitorCount | undefined;
  /** Undefined when the folder cannot be looked at. */
  readonly stillForMs: number | undefined;
  readonly isHung: boolean;
};

/** Since the last write was acknowledged; undefined while nobody can tell, and where the edge knows of none: it may not be there for long. */
const sinceToldWriteMs = ({ count }: Pick<QuietLook, 'count'>): number | undefined =>
  count?.isComplete === true && count.unanswered === 0 && count.answering === 0 ? count.sinceWriteMs : undefined;

export function folderOf(
  look: Pick<QuietLook, 'stillForMs' | 'lateMs' | 'count'>,
  { stillMs, writtenMs }: QuietLimits,
): QuietReport['folder'] {
  const { stillForMs, lateMs } = look;
  if (stillForMs === undefined) return 'unknown';
  const isAllBegun = (sinceToldWriteMs(look) ?? 0) - lateMs >= stillMs;
  return stillForMs - lateMs >= (isAllBegun ? writtenMs : stillMs) ? 'still' : 'moving';
}

/** Is it time to end it? `gave-up` when it is, and something may not have been written. */
export function judge(look: QuietLook, limits: QuietLimits): QuietReport['state'] | 'wait' {
  const { elapsedMs, lateMs, count, isHung } = look;
  const { stillMs } = limits;
  const folder = folderOf(look, limits);
  const areStreamsOver = (count?.answering ?? 0) === 0 || elapsedMs >= limits.streamsMs;
  // Nobody knows what comes over a stream, or past an edge that does not tell: a write may have been acknowledged when this began.
  const isTold = count?.isComplete === true && count.answering === 0;
  const sinceWriteMs = isTold ? (count.sinceWriteMs ?? Infinity) : elapsedMs;
  const isAnswered = isHung || ((count?.unanswered ?? 0) === 0 && areStreamsOver && sinceWriteMs - lateMs >= stillMs);
  if (isAnswered && folder === 'still') return isHung ? 'gave-up' : 'still';
  if (isAnswered && folder === 'unknown' && elapsedMs - lateMs >= stillMs) return 'gave-up';
  return elapsedMs >= (isHung ? limits.hungMs : limits.limitMs) ? 'gave-up' : 'wait';
}

/** When a look at a folder began, by both clocks: what changes while it is looked at may not be seen. */
export type LookBegan = { readonly steadyMs: number; readonly nowMs: number };

/** How long a folder has been still, from one look to the next. What its own times say counts too, unless they lie in the future. */
export class Stillness {
  #mark: string | undefined;
  #sinceMs = 0;

  /** Milliseconds until the look began; 0 after the first look and after every change. Undefined when nothing can be said. */
  saw(look: TreeLook, began: LookBegan): number | undefined {
    if (look.state === 'unknown') return undefined;
    if (look.mark !== this.#mark) {
      this.#mark = look.mark;
      this.#sinceMs = began.steadyMs;
      return 0;
    }
    return Math.max(began.steadyMs - this.#sinceMs, began.nowMs - look.changedAtMs);
  }
}

export type QuietOptions = {
  readonly clock: AgentClock;
  readonly folder: string;
  /** Holds visitors a while longer, and says what is under way. */
  readonly count: () => Promise<VisitorCount | undefined>;
  readonly isHung: boolean;
  /** Nothing to wait for any more: the process is gone, or the agent ends. */
  readonly isOver: () => boolean;
  readonly limits?: QuietLimits;
  readonly tree?: TreeLimits;
};

/**
 * Waits until an application is quiet, at most the limit. On a computer so busy that this wait itself comes late, the application does too: that time
 * is not counted as still. Never throws; changes nothing.
 */
export async function untilQuiet(options: QuietOptions): Promise<QuietReport> {
  const { clock, folder, count, isHung, isOver, limits = usualQuietLimits, tree = usualTreeLimits } = options;
  const beganMs = clock.steadyMs();
  const stillness = new Stillness();
  let lateMs = 0;
  for (;;) {
    const counted = isHung ? undefined : await count();
    const began = { steadyMs: clock.steadyMs(), nowMs: clock.nowMs() };
    const stillForMs = stillness.saw(await lookAtTree(folder, tree, clock.steadyMs), began);
    const nowMs = clock.steadyMs();
    const look = { elapsedMs: nowMs - beganMs, lateMs, count: counted, stillForMs, isHung };
    const verdict = isOver() ? 'gave-up' : judge(look, limits);
    if (verdict !== 'wait')
      return {
        state: verdict,
        waitedMs: Math.round(look.elapsedMs),
        isHeld: counted?.isHeld === true,
        ...(counted === undefined ? {} : { inFlight: counted.unanswered, streams: counted.answering }),
        folder: folderOf(look, limits),
      };
    // A large folder is not looked at without a pause.
    const pauseMs = Math.min(longestPauseMs, Math.max(limits.everyMs, 3 * (nowMs - began.steadyMs)));
    const pausedMs = clock.steadyMs();
    await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    lateMs += Math.max(0, clock.steadyMs() - pausedMs - pauseMs);
  }
}
