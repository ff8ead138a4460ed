import { isFarmError } from '#contract/errors.ts';
import { isAlertCode } from '#contract/catalogue/alerts.ts';
import { isYounger } from '../model/age.ts';
import type { AlertRecord } from '../model/monitoring/alert-record.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/request.ts';
import type { Store } from '../ports/store.ts';
import { type AlertChange, alertKey } from './alert-tracker.ts';

type Deps = {
  readonly store: Pick<Store, 'alerts' | 'transaction'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<Ids, 'uuid'>;
  readonly log: Log;
};

/** A store that could not be written is not asked again before this: a full disk stays full for a while, and looks come often. */
const againMs = 30_000;

/**
 * What is written down of alerts, a row for each time that one opened. Rows are written when it opens and when it closes. What could not be written
 * waits here, at most one row for each alert that is open or was written as open, and is written at a later look.
 */
export class AlertRecords {
  readonly #deps: Deps;
  readonly #farmId: string;
  /** The rows of alerts that are open, by key. */
  readonly #open = new Map<string, AlertRecord>();
  readonly #written = new Set<string>();
  /** By id, in the order in which they are to be written: what closed goes before what opened anew. */
  readonly #waiting = new Map<string, AlertRecord>();
  #failedAtMs: number | undefined;

  constructor(deps: Deps, farmId: string) {
    this.#deps = deps;
    this.#farmId = farmId;
  }

  /** Those that were open when the last core of this farm ended. One whose code this program does not know is closed. */
  async load(): Promise<readonly AlertRecord[]> {
    const records = await this.#deps.store.alerts.find({ farmId: this.#farmId, closedAtMs: null });
    for (const record of records) {
      this.#written.add(record.id);
      if (isAlertCode(record.code)) this.#open.set(alertKey(record), record);
      else this.#waiting.set(record.id, { ...record, closedAtMs: this.#deps.clock.nowMs() });
    }
    return [...this.#open.values()];
  }

  note(changes: readonly AlertChange[]): void {
    for (const change of changes) {
      if (change.kind === 'opened') this.#opened(change);
      else this.#closed(change);
    }
  }

  #opened({ alert }: AlertChange): void {
    const nowMs = this.#deps.clock.nowMs();
    const row: AlertRecord = {
      id: this.#deps.ids.uuid(),
      farmId: this.#farmId,
      code: alert.code,
      subjectId: alert.subjectId,
      openedAtMs: alert.openedAtMs ?? nowMs,
      lastSeenAtMs: alert.lastSeenAtMs,
      closedAtMs: null,
    };
    this.#open.set(alertKey(alert), row);
    this.#waiting.set(row.id, row);
  }

  #closed({ alert }: AlertChange): void {
    const key = alertKey(alert);
    const row = this.#open.get(key);
    if (row === undefined) return;
    this.#open.delete(key);
    // Opened and closed while nothing could be written: nobody would read it.
    if (!this.#written.has(row.id)) this.#waiting.delete(row.id);
    else this.#waiting.set(row.id, { ...row, lastSeenAtMs: alert.lastSeenAtMs, closedAtMs: this.#deps.clock.nowMs() });
  }

  /** Writes what waits, all or nothing; repeatable, one after another. Never throws: alerts are told from memory where nothing can be written. */
  async save(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const nowMs = this.#deps.clock.nowMs();
    if (this.#failedAtMs !== undefined && isYounger(nowMs, this.#failedAtMs, againMs)) return;
    const rows = [...this.#waiting.values()].sort((one, other) => Number(one.closedAtMs === null) - Number(other.closedAtMs === null));
    // One that closes while this is under way must be written as closed: it may be there already.
    const begun = rows.filter(({ id, closedAtMs }) => closedAtMs === null && !this.#written.has(id));
    for (const { id } of begun) this.#written.add(id);
    try {
      await this.#deps.store.transaction(async (tables) => {
        for (const row of rows) await tables.alerts.put(row);
      });
    } catch (error) {
      for (const row of begun) if (this.#waiting.get(row.id) === row) this.#written.delete(row.id);
      if (this.#failedAtMs === undefined) this.#tell(error);
      this.#failedAtMs = nowMs;
      return;
    }
    this.#failedAtMs = undefined;
    for (const row of rows) {
      if (this.#waiting.get(row.id) === row) this.#waiting.delete(row.id);
      if (row.closedAtMs !== null) this.#written.delete(row.id);
    }
  }

  #tell(error: unknown): void {
    if (isFarmError(error)) this.#deps.log.warn('alerts-not-kept', { code: error.code });
    else this.#deps.log.bug(error, { where: 'alerts.save' });
  }
}
