import { isYounger } from '../../model/age.ts';
import type { ProgramFault } from '../../ports/alerts.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';

/** So long a fault is shown: it was logged, and nothing that a person does makes it go. */
const shownMs = 86_400_000;

/** What stands in nobody's answer is told to every window. Kept in memory: the log has it whole. */
export function createProgramFaults({ clock, changes }: { readonly clock: Clock; readonly changes: Changes }) {
  let last: ProgramFault | undefined;
  return {
    /** `reference`: as the log has it. */
    note: (reference: string): void => {
      last = { reference, count: (last?.count ?? 0) + 1, atMs: clock.nowMs() };
      changes.announce({ kind: 'program', id: reference });
    },
    newest: (): ProgramFault | undefined => (last !== undefined && isYounger(clock.nowMs(), last.atMs, shownMs) ? last : undefined),
  };
}
export type ProgramFaults = ReturnType<typeof createProgramFaults>;
