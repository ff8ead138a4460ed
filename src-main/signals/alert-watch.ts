import type { Alert } from '#contract/api/monitoring.ts';
import type { AlertCode } from '#contract/catalogue/alerts.ts';
import { isYounger } from '../model/age.ts';
import type { AlertSigns, AlertViews, LookForAlerts } from '../ports/alerts.ts';
import type { Changes } from '../ports/changes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/request.ts';
import type { Store } from '../ports/store.ts';
import { AlertTracker } from './alert-tracker.ts';
import { AlertRecords } from './alert-records.ts';
import type { Evaluators } from './alerts/evaluator.ts';
import { evaluators as ours } from './alerts/index.ts';

export type AlertWatchDeps = {
  readonly store: Pick<Store, 'alerts' | 'transaction'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'uuid'>;
  readonly log: Log;
  readonly changes: Changes;
  readonly views: () => Promise<AlertViews>;
  readonly signs: () => AlertSigns;
  /** Shows every window a fault of the program by its reference in the log. */
  readonly noteFault: (reference: string) => void;
  readonly evaluators?: Evaluators;
};

/** While something changes, or an alert is about to open or to end. */
const lookEveryMs = 1000;
/** What is judged by time changes without anybody saying so. */
const lookAtLeastEveryMs = 30_000;
/** A broken evaluator is told of once in so long: it breaks at each look. */
const brokenToldEveryMs = 3_600_000;

/**
 * Looks for alerts while a farm is open, with a window or without, and remembers what opened and closed. Before `start` and after `stop` it only answers
 * who asks, and writes nothing.
 */
export class AlertWatch {
  readonly #deps: AlertWatchDeps;
  #tracker: AlertTracker;
  #records: AlertRecords | undefined;
  #told: readonly Alert[] = [];
  #isStarted = false;
  #isPending = false;
  /** The timer is set to within a second. */
  #isSoon = false;
  #stopTimer: () => void = () => undefined;
  #stopListening: () => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  readonly #brokenAtMs = new Map<AlertCode, number>();

  constructor(deps: AlertWatchDeps) {
    this.#deps = deps;
    this.#tracker = this.#newTracker();
  }

  /** Takes up the open alerts of this farm; called once everything of it was read, so that nothing is missing that is there. Never throws. */
  async start(farmId: string): Promise<void> {
    await this.#queued(() => this.#takeUp(farmId)).catch((error: unknown) => this.#deps.log.bug(error, { where: 'alerts.start' }));
    this.#isStarted = true;
    this.#stopListening = this.#deps.changes.on((change) => {
      if (change.kind !== 'alert') this.#soon();
    });
    this.#soon();
  }

  /** Waits for a look that is under way and for what it wrote; nothing is written afterwards. May be called without a start, and again. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#stopListening();
    this.#stopTimer();
    this.#isSoon = false;
    await this.#queued(async () => {
      this.#records = undefined;
      this.#tracker = this.#newTracker();
      await this.written();
    });
  }

  async #takeUp(farmId: string): Promise<void> {
    const records = new AlertRecords(this.#deps, farmId);
    const tracker = this.#newTracker();
    tracker.restore(await records.load());
    this.#tracker = tracker;
    this.#records = records;
  }

  /** One look, after those that are under way. Where judging fails, which is a bug and logged, it answers with what was told before. */
  readonly look: LookForAlerts = (gather) =>
    this.#queued(async () => {
      const views = await gather();
      try {
        this.#lookAt(views);
      } catch (error) {
        this.#deps.log.bug(error, { where: 'alerts' });
      }
      return { views, alerts: this.#told };
    });

  #lookAt(views: AlertViews): void {
    const looked = this.#tracker.look({ ...views, ...this.#deps.signs() }, this.#deps.clock.nowMs());
    this.#told = looked.told;
    this.#isPending = looked.isPending;
    if (looked.isPending) this.#soon();
    this.#records?.note(looked.changes);
    this.#save();
  }

  /** Resolves when everything that was opened and closed so far is in the store, or could not be written for now. */
  written(): Promise<void> {
    return this.#saving;
  }

  /** Nobody who looks waits for a thousand rows to be written. */
  #save(): void {
    const records = this.#records;
    if (records !== undefined) this.#saving = this.#saving.then(() => records.save());
  }

  #newTracker(): AlertTracker {
    const evaluators = this.#deps.evaluators ?? ours;
    return new AlertTracker({ evaluators, onBroken: (code, subjectId, error) => this.#broken(code, subjectId, error) });
  }

  #queued<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  #broken(code: AlertCode, subjectId: string, error: unknown): void {
    const nowMs = this.#deps.clock.nowMs();
    const toldAtMs = this.#brokenAtMs.get(code);
    if (toldAtMs !== undefined && isYounger(nowMs, toldAtMs, brokenToldEveryMs)) return;
    this.#brokenAtMs.set(code, nowMs);
    this.#deps.noteFault(this.#deps.log.bug(error, { where: 'alert', alert: code, subjectId }));
  }

  /** The next look comes within a second. */
  #soon(): void {
    if (this.#isStarted && !this.#isSoon) this.#schedule(lookEveryMs);
  }

  #schedule(afterMs: number): void {
    this.#stopTimer();
    this.#isSoon = afterMs <= lookEveryMs;
    this.#stopTimer = this.#deps.clock.after(afterMs, () => {
      this.#isSoon = false;
      this.#lookByItself().catch((error: unknown) => this.#deps.log.bug(error, { where: 'alerts' }));
    });
  }

  async #lookByItself(): Promise<void> {
    const before = JSON.stringify(this.#told);
    try {
      await this.look(this.#deps.views);
    } finally {
      if (this.#isStarted && !this.#isSoon) this.#schedule(this.#isPending ? lookEveryMs : lookAtLeastEveryMs);
    }
    // Windows look again by themselves when something changed; that time has passed is told by this.
    if (JSON.stringify(this.#told) !== before) this.#deps.changes.announce({ kind: 'alert', id: '' });
  }
}
