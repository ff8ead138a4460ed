import type { InstanceId } from '#contract/ids.ts';
import { untilAnswered } from './dns-answers.ts';
import { dropRecords, putRecords } from './dns-records.ts';
import { siteOfRow } from './instance-acts.ts';
import type { InstanceJobDeps } from './work.ts';

const limitMs = 60_000;

/**
 * Gives an instance that was found by the farm's wildcard a record of its own, and waits until every name server answers with it. Repeatable; for
 * one that has no server or has gone there is nothing to do.
 */
export async function giveOwnRecord(
  deps: Pick<InstanceJobDeps, 'store' | 'clock' | 'dns' | 'probe' | 'changes'>,
  instanceId: InstanceId,
): Promise<void> {
  const row = await deps.store.instances.get(instanceId);
  if (row === undefined || row.serverId === null) return;
  const site = await siteOfRow(deps, row);
  const call = { signal: AbortSignal.timeout(limitMs), waitFor: () => undefined };
  await putRecords(deps, site, call);
  const now = await deps.store.instances.get(instanceId);
  // a remove that began meanwhile has looked for records already
  if (now === undefined || now.wish === 'removed') await dropRecords(deps, site, call);
  else await untilAnswered(deps, site, call);
}
