import type { PathCheck } from '#contract/api/instances.ts';
import type { OutsideChecks } from '../../ports/outside-checks.ts';

export function createOutsideChecks(): OutsideChecks {
  const known = new Map<string, readonly PathCheck[]>();
  return {
    get: (id) => known.get(id),
    put: (id, checks) => {
      known.set(id, checks);
    },
    forget: (id) => {
      known.delete(id);
    },
  };
}
