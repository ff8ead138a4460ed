import type { FarmDomain } from '../../model/domains/farm-domain.ts';
import type { JobPlan, Within } from '../../ports/job-plan.ts';

/** A job of one domain that is there: nobody else works on it. `server`: what its sentences call the server that it is about. */
export function planOn<I>(
  { id, name }: FarmDomain,
  job: { readonly input: I; readonly server?: string; readonly within: Within },
): JobPlan<I> {
  return {
    subject: { kind: 'domain', id, name },
    input: job.input,
    parameters: async () => ({ name, domain: name, server: job.server ?? '' }),
    locks: [`domain:${id}`],
    within: job.within,
  };
}
