import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { InstanceRef } from '../checks/site.ts';
import type { DesiredState } from '../model/instances/instance.ts';
import type { Agents } from '../ports/agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { InstanceRows } from '../ports/instance-rows.ts';
import type { OutsideChecks } from '../ports/outside-checks.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

export type InstanceRowDeps = {
  readonly store: Pick<Store, 'samples'>;
  readonly clock: Clock;
  readonly rows: InstanceRows;
  readonly agents: Agents;
  readonly outsideChecks: OutsideChecks;
};

export type RowWanted = { readonly desired: DesiredState };
export type RowFacts = { readonly desired: DesiredState };

/** The instance in the farm's list, and what is desired of it. Its first row, and what is desired when a job begins, are written with the job. */
export function createInstanceRowEffect(deps: InstanceRowDeps): Effect<InstanceRef, RowWanted, RowFacts> {
  const seen = async ({ instanceId }: InstanceRef): Promise<RowFacts | 'absent'> => {
    const row = await deps.rows.get(instanceId);
    return row === undefined ? 'absent' : { desired: row.desired };
  };
  return {
    kind: 'instance-row',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted, { name }) => {
      if (wanted === 'absent') return typeof facts === 'object' ? { code: 'row-out', parameters: { name } } : undefined;
      if (typeof facts !== 'object') return { code: 'row-in', parameters: { name } };
      return facts.desired === wanted.desired ? undefined : { code: 'row-desired', parameters: { name, desired: wanted.desired } };
    },
    ensure: async ({ instanceId, name }, { desired }) => {
      const row = await deps.rows.change(instanceId, { desired });
      // Only the transaction that began the job makes a row: one that has gone was somebody's decision.
      if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
      return { desired };
    },
    remove: async ({ instanceId }) => {
      await deps.store.samples.removeSubject(instanceId);
      await deps.rows.remove(instanceId);
      deps.agents.forget(instanceId);
      deps.outsideChecks.forget(instanceId);
      return 'gone';
    },
    restore: ({ desired }) => ({ desired }),
    evidence: async (ref): Promise<readonly Leftover[]> => [
      {
        code: 'row',
        parameters: { name: ref.name },
        isPresent: (await seen(ref)) !== 'absent',
        checkedAtMs: deps.clock.nowMs(),
        witness: 'core',
      },
    ],
  };
}
