import type { Alert } from '#contract/api/monitoring.ts';
import type { AlertCode, AlertRow } from '#contract/catalogue/alerts.ts';
import type { AlertRecord } from '../model/monitoring/alert-record.ts';
import type { Raised, Subject } from './alerts/evaluator.ts';

/** Good looks closer together than this are one: several changes within a second are one event. */
export const lookApartMs = 900;

type Seen = { readonly raised: Raised; readonly subject: Pick<Subject, 'id' | 'parentId' | 'target'> };

/**
 * One alert between its first look and its end. Time is what passed between looks, as `elapsedMs`, never the difference of two instants: a clock that
 * jumps neither opens nor closes anything.
 */
export class TrackedAlert {
  readonly code: AlertCode;
  readonly subjectId: string;
  readonly #row: AlertRow;
  /** As this core last saw it; undefined where only a former one did. */
  #seen: Seen | undefined;
  #isSeenNow = false;
  #lastedMs = 0;
  #goodLooks = 0;
  #goodForMs = 0;
  #openedAtMs: number | undefined;
  #lastSeenAtMs = 0;

  constructor(code: AlertCode, subjectId: string, row: AlertRow) {
    this.code = code;
    this.subjectId = subjectId;
    this.#row = row;
  }

  static restored(code: AlertCode, row: AlertRow, record: AlertRecord): TrackedAlert {
    const alert = new TrackedAlert(code, record.subjectId, row);
    alert.#openedAtMs = record.openedAtMs;
    alert.#lastSeenAtMs = record.lastSeenAtMs;
    return alert;
  }

  /** It was raised at the newest look. */
  get isSeenNow(): boolean {
    return this.#isSeenNow;
  }
  get lastSeenAtMs(): number {
    return this.#lastSeenAtMs;
  }
  get openedAtMs(): number | undefined {
    return this.#openedAtMs;
  }
  get seen(): Seen | undefined {
    return this.#seen;
  }
  /** Something will come of it by time alone: it opens, or it ends. */
  get isPending(): boolean {
    return this.#openedAtMs === undefined || this.#goodLooks > 0;
  }

  /** Answers whether it opened by this look. */
  raise(seen: Seen, nowMs: number, elapsedMs: number): boolean {
    if (this.#isSeenNow) this.#lastedMs += elapsedMs;
    this.#seen = seen;
    this.#isSeenNow = true;
    this.#goodLooks = 0;
    this.#lastSeenAtMs = nowMs;
    if (this.#openedAtMs !== undefined || this.#lastedMs < this.#row.visibleAfterMs) return false;
    const { beganAtMs } = seen.raised;
    // An instant that is still to come, or none at all, says nothing of when it began.
    this.#openedAtMs = beganAtMs !== undefined && beganAtMs > 0 && beganAtMs <= nowMs ? Math.round(beganAtMs) : nowMs - this.#lastedMs;
    return true;
  }

  /** Neither so nor not: what was counted stands. */
  stay(): void {
    this.#isSeenNow = false;
  }

  /** Answers whether it has ended by this look. One that was not told yet ends at once. */
  miss(elapsedMs: number): boolean {
    this.#isSeenNow = false;
    if (this.#openedAtMs === undefined) return true;
    this.#goodForMs = this.#goodLooks === 0 ? lookApartMs : this.#goodForMs + elapsedMs;
    if (this.#goodForMs >= lookApartMs) {
      this.#goodForMs = 0;
      this.#goodLooks += 1;
    }
    return this.#goodLooks >= this.#row.misses;
  }

  /** As windows get it; undefined while this core has not seen it or it is not open. */
  told(id: string): Alert | undefined {
    if (this.#seen === undefined || this.#openedAtMs === undefined) return undefined;
    const { raised, subject } = this.#seen;
    return {
      id,
      mark: raised.severity,
      code: this.code,
      parameters: raised.parameters,
      ...(raised.failure === undefined ? {} : { failure: raised.failure }),
      sinceMs: this.#openedAtMs,
      target: subject.target,
    };
  }
}
