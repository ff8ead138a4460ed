import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first (two to six minutes each, measured 2026-11): begun last, one of them alone would keep everybody waiting at the end. */
const longest = [
  'kill-table.real.test.ts',
  'kill-others.real.test.ts',
  'netns-farm.real.test.ts',
  'installed.real.test.ts',
  'limits-machine.real.test.ts',
];
/** Measures what visitors wait beside a greedy instance: begun last, little runs beside it. */
const quietest = 'agent/limits.real.test.ts';
const rankOf = ({ moduleId }: TestSpecification): number => {
  if (moduleId.endsWith(`/${quietest}`)) return longest.length + 1;
  const at = longest.findIndex((name) => moduleId.endsWith(`/${name}`));
  return at === -1 ? longest.length : at;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

/**
 * Ring 3: real name servers, databases, Windows binaries. Two files at a time, whatever the machine: they wait more than they work, and their looks
 * at processes, files and ports are by the folder of each. A file that needs something of which a machine has one (an address with port 53, a
 * network of namespaces, a prefix of Wine) takes one of its own, named by its process.
 */
export default defineConfig({
  test: {
    // The table of faults waits minutes for alerts to come and go: a bench prints it (npm run bench -- faults).
    include: process.env['FARM_FAULTS'] === 'all' ? ['e2e/real/fault-table.ts'] : ['**/*.real.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/release/**'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    pool: 'forks',
    isolate: true,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // A second is no sign of a fault where two files run at once.
    expect: { poll: { timeout: 10_000 } },
    // What differs is the whole message of a failed comparison.
    chaiConfig: { truncateThreshold: 0 },
  },
});
