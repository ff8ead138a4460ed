import { type JobDefinition, use } from '../../effects/effect.ts';
import { proof } from '../../engine/steps-of.ts';
import { type RemoveServerInput, removeServerInput, type ServerJobDeps } from './server-job.ts';

/**
 * An empty server leaves the farm: marked first, so that nothing is placed on it any more; then its agent is told, then it is forgotten. From when its
 * agent is told it can only be continued: a key that was given up comes back by a new code alone.
 */
export function createRemoveServerJob({ effects, store }: ServerJobDeps): JobDefinition<RemoveServerInput> {
  return {
    type: 'remove-server',
    version: 1,
    continues: [],
    read: (input) => removeServerInput.parse(input),
    parts: (i) => {
      // A person may give it up while this waits. Its row goes only after its agent was told or given up: whoever is asked later need not answer.
      const agent = async () => {
        const row = await store.servers.get(i.serverId);
        return { ...i, isGivenUp: i.isGivenUp || row === undefined || row.membership === 'given-up' };
      };
      const parts = [
        use('check', effects.row).ensure(
          () => i,
          async () => ({ membership: (await agent()).isGivenUp ? ('given-up' as const) : ('leaving' as const) }),
          { before: { membership: 'in' }, isWithJob: true },
        ),
        use('leave', effects.membership).remove(agent),
        use('row', effects.row).remove(() => i, { isNoReturn: true }),
      ];
      return [...parts, proof(parts, i.name)];
    },
  };
}
