import type { ServerId } from '#contract/ids.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { AuditEntry } from '../model/jobs/audit-log.ts';
import type { Tables } from './store.ts';

export type RowChange = Partial<Pick<Instance, 'desired' | 'jobId' | 'handedOverAtMs'>> & { readonly serverId?: null };

/** Writes instance rows: saved first, then seen by whoever asks, then announced. */
export type InstanceRows = {
  readonly get: (instanceId: string) => Promise<Instance | undefined>;
  /** Changes a row that is there; a row that has gone stays gone. `told` is written down with it. */
  readonly change: (instanceId: string, change: RowChange, ...told: readonly AuditEntry[]) => Promise<Instance | undefined>;
  /**
   * Keeps room for it on a server. In one transaction with a look at the server: one that is joining or leaving, or that a job holds, takes nobody.
   * Throws `SERVER_DOES_NOT_FIT` (`joining`, `leaving`, `maintenance`), and `NOT_FOUND` for a server that has left.
   */
  readonly place: (instanceId: string, serverId: ServerId) => Promise<void>;
  /** Writes down what was done, inside somebody's transaction; without an instance nothing. */
  readonly tell: (tables: Tables, row: Instance, entry: AuditEntry) => Promise<void>;
  readonly remove: (instanceId: string) => Promise<void>;
  /** After a row was written inside somebody else's transaction. */
  readonly announce: (instanceId: string) => Promise<void>;
};
