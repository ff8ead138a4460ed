import type { FarmId, Instant } from '#contract/ids.ts';
import type { AuditEntry } from '../model/jobs/audit-log.ts';
import type { Tables } from '../ports/store.ts';

/** Some years of an instance that nobody restarts every hour; the oldest go. */
const mostLines = 400;

type Place = { readonly farmId: FarmId; readonly instanceId: string; readonly nowMs: Instant; readonly uuid: () => string };

/**
 * Writes down what the farm did with an instance, in the transaction in which it is saved, so that neither is there without the other. An instance
 * that has gone takes its audit log along.
 */
export async function tell(tables: Tables, place: Place, entries: readonly AuditEntry[]): Promise<void> {
  const { farmId, instanceId: subjectId, nowMs, uuid } = place;
  const isThere = (await tables.instances.get(subjectId)) !== undefined;
  if (isThere && entries.length === 0) return;
  const known = await tables.auditLog.find({ subjectId });
  const tooMany = isThere ? Math.max(0, known.length + entries.length - mostLines) : known.length;
  for (const line of known.slice(0, tooMany)) await tables.auditLog.remove(line.id);
  if (!isThere) return;
  for (const entry of entries) await tables.auditLog.insert({ id: uuid(), farmId, subjectId, atMs: nowMs, ...entry });
}
