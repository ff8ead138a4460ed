import type { QuietReport } from '#contract/agent/instances.ts';
import type { AgentClock, HoldWhat, VisitorCount } from '../ports.ts';
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
  /** So long a pause of those who write is waited for before any of them has to wait: held in the middle of it they wait the shorter. */
  readonly pauseMs: number;
  /** In a pause they are held this long before the last write is `stillMs` ago. */
  readonly earlyMs: number;
  /** Writes wait no longer than this before reads have to wait, too: these may be what changes the folder. */
  readonly readsMs: number;
  /** Where answers have been under way for so long without a gap all is held, so that `streamsMs` begins. */
  readonly gapMs: number;
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
  pauseMs: 2000,
  earlyMs: 500,
  readsMs: 2500,
  gapMs: 500,
  streamsMs: 3000,
  limitMs: 10_000,
  hungMs: 2500,
  everyMs: 100,
};
const longestPauseMs = 1000;
const shortestPauseMs = 10;
/** Reads that had begun before all was held end soon, most of them. */
const soonMs = 300;
const soonEveryMs = 20;

/** What one look at an instance saw. */
export type QuietLook = {
  readonly elapsedMs: number;
  /** Since new writes wait, as far as they can; the same for all new requests. */
  readonly writesForMs: number;
  readonly allForMs: number;
  /** Since when some answer or other has been under way at every look. */
  readonly streamsForMs: number;
  /** How much later than wanted its looks came of late. */
  readonly lateMs: number;
  /** Undefined when no edge could tell. */
  readonly count: VisitorCount | undefined;
  /** Undefined when the folder cannot be looked at. */
  readonly stillForMs: number | undefined;
  readonly isHung: boolean;
};

/** Since the last write was acknowledged; undefined while nobody can tell, and where the edge knows of none: it may not be there for long. */
const sinceToldWriteMs = ({ count }: Pick<QuietLook, 'count'>): number | undefined =>
  count?.isComplete === true && (count.writing ?? count.unanswered + count.answering) === 0 ? count.sinceWriteMs : undefined;

export function folderOf(
  look: Pick<QuietLook, 'stillForMs' | 'lateMs' | 'count'>,
  { stillMs, writtenMs }: QuietLimits,
): QuietReport['folder'] {
  const { stillForMs, lateMs } = look;
  if (stillForMs === undefined) return 'unknown';
  const isAllBegun = (sinceToldWriteMs(look) ?? 0) - lateMs >= stillMs;
  return stillForMs - lateMs >= (isAllBegun ? writtenMs : stillMs) ? 'still' : 'moving';
}

/**
 * Who has to wait next. First nobody, until those who write make a pause; then writes alone, until everything that was acknowledged is on disk; then all,
 * for the moment in which it is looked at once more. All at once where reads cannot be told from writes, and where something else than writes changes
 * the folder or may never end.
 */
export function nextHold(what: HoldWhat, look: QuietLook, limits: QuietLimits): HoldWhat {
  const { count, stillForMs = 0, lateMs } = look;
  const { stillMs, writtenMs } = limits;
  if (what === 'all' || count?.isComplete !== true || !count.isHeld || count.writing === undefined) return 'all';
  if (look.streamsForMs >= limits.gapMs) return 'all';
  const sinceWriteMs = count.writing > 0 ? 0 : (count.sinceWriteMs ?? Infinity) - lateMs;
  const isWritten = sinceWriteMs >= stillMs;
  if (isWritten && folderOf(look, limits) !== 'moving') return 'all';
  if (what === 'writes') {
    // What was acknowledged last was written at least `stillMs - writtenMs` ago, unless much else had to be written before it.
    const isMovedByOthers = isWritten && stillForMs < stillMs - writtenMs;
    return isMovedByOthers || look.writesForMs >= limits.readsMs ? 'all' : 'writes';
  }
  if (isWritten) return 'all';
  return sinceWriteMs >= stillMs - limits.earlyMs || look.elapsedMs >= limits.pauseMs ? 'writes' : 'nothing';
}

/** Is it time to end it, now that all new requests wait? `gave-up` when it is, and something may not have been written. */
export function judge(look: QuietLook, limits: QuietLimits): QuietReport['state'] | 'wait' {
  const { elapsedMs, writesForMs, lateMs, count, isHung } = look;
  const { stillMs } = limits;
  const folder = folderOf(look, limits);
  const areStreamsOver = (count?.answering ?? 0) === 0 || look.allForMs >= limits.streamsMs;
  // Nobody knows what comes over a stream, or past an edge that does not tell: a write may have been acknowledged when writes were held.
  const isTold = count?.isComplete === true && count.answering === 0;
  const sinceWriteMs = isTold ? (count.sinceWriteMs ?? Infinity) : writesForMs;
  const isAnswered = isHung || ((count?.unanswered ?? 0) === 0 && areStreamsOver && sinceWriteMs - lateMs >= stillMs);
  if (isAnswered && folder === 'still') return isHung ? 'gave-up' : 'still';
  if (isAnswered && folder === 'unknown' && writesForMs - lateMs >= stillMs) return 'gave-up';
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
  /** Holds these visitors a while longer, and says what is under way. */
  readonly hold: (what: HoldWhat) => Promise<VisitorCount | undefined>;
  /** Called once where they cannot be held. */
  readonly turnAway: () => void;
  readonly isHung: boolean;
  /** Nothing to wait for any more: the process is gone, or the agent ends. */
  readonly isOver: () => boolean;
  readonly limits?: QuietLimits;
  readonly tree?: TreeLimits;
};

/** How much later than wanted looks came, for as long as it matters: whoever waits twice `stillMs` without any lateness was still for `stillMs`. */
class Lateness {
  #late: { readonly atMs: number; readonly lateMs: number }[] = [];

  add(atMs: number, lateMs: number): void {
    if (lateMs > 0) this.#late.push({ atMs, lateMs });
  }

  sumMs(sinceMs: number): number {
    this.#late = this.#late.filter(({ atMs }) => atMs > sinceMs);
    return this.#late.reduce((sum, { lateMs }) => sum + lateMs, 0);
  }
}

/** How long until the next look: no longer than until one of the times for which is waited has passed. */
function pauseOf({ count, stillForMs = 0, lateMs, allForMs }: QuietLook, limits: QuietLimits): number {
  const { stillMs, writtenMs, earlyMs, everyMs } = limits;
  const toWriteMs = stillMs - ((count?.sinceWriteMs ?? Infinity) - lateMs);
  const toFolderMs = [stillMs, writtenMs].map((needMs) => needMs - (stillForMs - lateMs));
  const due = [toWriteMs, toWriteMs - earlyMs, ...toFolderMs].filter((ms) => ms > 0);
  if (due.length === 0) return allForMs > 0 && allForMs < soonMs ? soonEveryMs : everyMs;
  return Math.max(shortestPauseMs, Math.min(everyMs, ...due));
}

/**
 * Waits until an application is quiet, at most the limit. On a computer so busy that this wait itself comes late, the application does too: that time
 * is not counted as still. Never throws; changes nothing.
 */
export async function untilQuiet(options: QuietOptions): Promise<QuietReport> {
  const { clock, folder, hold, isHung, isOver, limits = usualQuietLimits, tree = usualTreeLimits } = options;
  const beganMs = clock.steadyMs();
  const stillness = new Stillness();
  const lateness = new Lateness();
  let what: HoldWhat = isHung ? 'all' : 'nothing';
  let [writesSinceMs, allSinceMs, streamsSinceMs]: (number | undefined)[] = isHung ? [beganMs, beganMs] : [];
  let isTurned = false;
  for (;;) {
    const counted = isHung ? undefined : await hold(what);
    if (what !== 'nothing' && counted?.isHeld !== true && !isTurned) {
      isTurned = true;
      options.turnAway();
    }
    const began = { steadyMs: clock.steadyMs(), nowMs: clock.nowMs() };
    if (what !== 'nothing') writesSinceMs ??= began.steadyMs;
    if (what === 'all') allSinceMs ??= began.steadyMs;
    streamsSinceMs = (counted?.answering ?? 0) > 0 ? (streamsSinceMs ?? began.steadyMs) : undefined;
    const stillForMs = stillness.saw(await lookAtTree(folder, tree, clock.steadyMs), began);
    const nowMs = clock.steadyMs();
    const forMs = (sinceMs: number | undefined): number => nowMs - (sinceMs ?? nowMs);
    const look: QuietLook = {
      elapsedMs: nowMs - beganMs,
      writesForMs: forMs(writesSinceMs),
      allForMs: forMs(allSinceMs),
      streamsForMs: forMs(streamsSinceMs),
      lateMs: lateness.sumMs(nowMs - 2 * limits.stillMs),
      count: counted,
      stillForMs,
      isHung,
    };
    const verdict = isOver() ? 'gave-up' : what === 'all' ? judge(look, limits) : 'wait';
    if (verdict !== 'wait')
      return {
        state: verdict,
        waitedMs: Math.round(look.elapsedMs),
        isHeld: counted?.isHeld === true,
        ...(counted === undefined ? {} : { inFlight: counted.unanswered, streams: counted.answering }),
        folder: folderOf(look, limits),
      };
    const next = nextHold(what, look, limits);
    // A large folder is not looked at without a pause.
    const tookMs = nowMs - began.steadyMs;
    const pauseMs = Math.min(longestPauseMs, Math.max(pauseOf(look, limits), 3 * tookMs));
    if (next !== what) {
      what = next;
      continue;
    }
    const pausedMs = clock.steadyMs();
    await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    const wokenMs = clock.steadyMs();
    lateness.add(wokenMs, wokenMs - pausedMs - pauseMs);
  }
}
