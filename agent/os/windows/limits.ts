import type { HostLimits } from '../limits.ts';

/** A job object per instance would bound memory, processes and cores; it needs a native layer. Until then nothing is, and it is said. */
export const windowsLimits = {
  limitGroups: () => ({
    here: () => ({ memory: 'none', processes: 'none', cpu: 'none', files: 'none', reason: 'notBuilt' }),
    prepare: () => undefined,
    change: () => false,
    holds: () => true,
    membersOf: () => [],
    memoryKills: () => 0,
    end: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    sweep: () => Promise.resolve([]),
  }),
} satisfies HostLimits;
