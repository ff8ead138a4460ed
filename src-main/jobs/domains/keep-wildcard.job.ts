import { type JobDefinition, use } from '../../effects/effect.ts';
import { type DomainJobDeps, type KeepInput, keepInput, keptWithJob } from './domain-job.ts';

/** One wildcard record for a server. It is saved as ours before it is written, and relied on after. */
export function createKeepWildcardJob({ effects }: DomainJobDeps): JobDefinition<KeepInput> {
  return {
    type: 'keep-wildcard',
    version: 1,
    continues: [],
    read: (input) => keepInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      const { serverId, values, before } = i;
      const withJob = keptWithJob(i);
      return [
        use('save', effects.keptWildcard).ensure(ref, () => withJob, { before: before ?? 'absent', isWithJob: true }),
        use('record', effects.wildcardRecord).ensure(ref, () => ({ values })),
        // instances that come from here on have no record of their own: taking the wildcard out again would lose them
        use('rely', effects.keptWildcard).ensure(ref, () => ({ serverId, values, isRelied: true }), { before: withJob, isNoReturn: true }),
      ];
    },
  };
}
