import type { Alert } from '#contract/api/monitoring.ts';
import { alertCatalogue, type AlertCode, alertCodes, type AlertRow, isAlertCode } from '#contract/catalogue/alerts.ts';
import type { AlertRecord } from '../model/monitoring/alert-record.ts';
import type { AlertSources } from '../ports/alerts.ts';
import { type Evaluators, type Saw, sawAbsent, type Subject, type Subjects, subjectsOf } from './alerts/evaluator.ts';
import { TrackedAlert } from './tracked-alert.ts';

export type AlertRows = Readonly<Record<AlertCode, AlertRow<AlertCode>>>;
/** What a look opened and closed: all that is ever written. */
export type AlertChange = { readonly kind: 'opened' | 'closed'; readonly alert: TrackedAlert };
export type Looked = {
  /** Worst first, then newest. */
  readonly told: readonly Alert[];
  readonly changes: readonly AlertChange[];
  /** Another look is wanted though nothing changes: some alert opens or ends by time. */
  readonly isPending: boolean;
};
type Deps = {
  readonly rows?: AlertRows;
  readonly evaluators: Evaluators;
  /** An evaluator threw; what it judges stays as it was. Must not throw. */
  readonly onBroken: (code: AlertCode, subjectId: string, error: unknown) => void;
};

/** More than this between two looks is a clock that was set or a computer that slept: nobody looked meanwhile. */
const longestGapMs = 5000;
const rank = { bad: 0, warning: 1, unknown: 2, working: 3, paused: 4, good: 5 } as const;

type At = { readonly nowMs: number; readonly elapsedMs: number; readonly changes: AlertChange[] };

/** One open alert of a farm; the same for each time that it opens. */
export const alertKey = ({ code, subjectId }: { readonly code: string; readonly subjectId: string }): string => `${code}:${subjectId}`;

/** Every alert of a farm from look to look. It has no clock and writes nothing: the caller keeps what opened and closed. */
export class AlertTracker {
  readonly #rows: AlertRows;
  readonly #deps: Deps;
  /** By code, then by the id of the subject: most codes have none, and a thousand subjects are passed over without a look-up. */
  readonly #tracked = new Map<AlertCode, Map<string, TrackedAlert>>(alertCodes.map((code) => [code, new Map()]));
  #lookedAtMs: number | undefined;

  constructor(deps: Deps) {
    this.#rows = deps.rows ?? alertCatalogue;
    this.#deps = deps;
  }

  /** Takes up what was open when a former core ended. It is told when this core has seen it too, with the beginning that it had. */
  restore(open: readonly AlertRecord[]): void {
    for (const record of open) {
      const { code, subjectId } = record;
      if (isAlertCode(code)) this.#of(code).set(subjectId, TrackedAlert.restored(code, this.#rows[code], record));
    }
  }

  /** One look at everything. `nowMs` is the wall clock; it may jump. */
  look(sources: AlertSources, nowMs: number): Looked {
    const elapsedMs = Math.min(longestGapMs, Math.max(0, nowMs - (this.#lookedAtMs ?? nowMs)));
    this.#lookedAtMs = nowMs;
    const subjects = subjectsOf(sources);
    const changes: AlertChange[] = [];
    for (const code of alertCodes) this.#lookFor(code, subjects, sources, { nowMs, elapsedMs, changes });
    return { told: this.#told(), changes, isPending: this.#all().some((alert) => alert.isPending) };
  }

  #of(code: AlertCode): Map<string, TrackedAlert> {
    const found = this.#tracked.get(code) ?? new Map<string, TrackedAlert>();
    this.#tracked.set(code, found);
    return found;
  }
  #all(): readonly TrackedAlert[] {
    return [...this.#tracked.values()].flatMap((alerts) => [...alerts.values()]);
  }

  #lookFor<C extends AlertCode>(code: C, subjects: Subjects, sources: AlertSources, at: At): void {
    const kind: (typeof alertCatalogue)[C]['subject'] = alertCatalogue[code].subject;
    const tracked = this.#of(code);
    const unlisted = new Map(tracked);
    for (const subject of subjects[kind]) {
      const saw = this.#judge(code, subject, sources);
      const alert = tracked.get(subject.id);
      unlisted.delete(subject.id);
      if (typeof saw !== 'string') this.#raise(alert ?? new TrackedAlert(code, subject.id, this.#rows[code]), { raised: saw, subject }, at);
      else if (alert !== undefined) this.#absent(alert, saw, at);
    }
    for (const [subjectId, alert] of unlisted) this.#absent(alert, sawAbsent(kind, subjectId, sources), at);
  }

  #judge<C extends AlertCode>(code: C, subject: Subject<(typeof alertCatalogue)[C]['subject']>, sources: AlertSources): Saw {
    const evaluate: Evaluators[C] = this.#deps.evaluators[code];
    try {
      return evaluate(subject.view, sources);
    } catch (error) {
      this.#deps.onBroken(code, subject.id, error);
      return 'unknown';
    }
  }

  #raise(alert: TrackedAlert, seen: NonNullable<TrackedAlert['seen']>, { nowMs, elapsedMs, changes }: At): void {
    this.#of(alert.code).set(alert.subjectId, alert);
    if (alert.raise(seen, nowMs, elapsedMs)) changes.push({ kind: 'opened', alert });
  }

  #absent(alert: TrackedAlert, saw: 'gone' | 'good' | 'unknown', { elapsedMs, changes }: At): void {
    if (saw === 'unknown') {
      alert.stay();
      return;
    }
    if (!alert.miss(elapsedMs) && saw !== 'gone') return;
    this.#of(alert.code).delete(alert.subjectId);
    if (alert.openedAtMs !== undefined) changes.push({ kind: 'closed', alert });
  }

  #told(): readonly Alert[] {
    const all = this.#all();
    const seenSubjects = new Set<string>();
    for (const alert of all) if (alert.isSeenNow) seenSubjects.add(this.#subjectKey(alert));
    /** Of one subject only what is seen now is told, while anything is: what it was before says nothing beside it. */
    const isCurrent = (alert: TrackedAlert): boolean => alert.isSeenNow || !seenSubjects.has(this.#subjectKey(alert));
    const told: Alert[] = [];
    for (const alert of all) {
      const said = alert.told(alertKey(alert));
      if (said !== undefined && isCurrent(alert) && !this.#isHidden(alert, isCurrent)) told.push(said);
    }
    return told.sort((one, other) => rank[one.mark] - rank[other.mark] || other.sinceMs - one.sinceMs || (one.id < other.id ? -1 : 1));
  }

  #isHidden(alert: TrackedAlert, isCurrent: (alert: TrackedAlert) => boolean): boolean {
    const parentId = alert.seen?.subject.parentId;
    if (parentId === undefined) return false;
    return this.#rows[alert.code].dependsOn.some((code) => {
      const parent = this.#tracked.get(code)?.get(parentId);
      return parent?.seen?.raised.severity === 'bad' && isCurrent(parent);
    });
  }

  #subjectKey({ code, subjectId }: TrackedAlert): string {
    return `${this.#rows[code].subject}:${subjectId}`;
  }
}
