import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Rings 1 and 2. Threads without isolation start once and share what they loaded, which is six times faster than a process
 * per file; a test that changes its process (signals, working folder, `process.title`) is named `*.process.test.ts` and gets
 * a process of its own.
 */
const ours = ['kit', 'contract', 'words', 'src-main', 'src-renderer', 'agent', 'assets', 'scripts', 'e2e'].map(
  (folder) => `${folder}/**/*.test.{ts,tsx}`,
);
const never = ['**/node_modules/**', '**/dist/**', '**/release/**', '**/*.real.test.ts', 'e2e/specs/**'];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    // Of two cores Vitest itself would use one; many tests wait more than they work.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default'],
    // A second is no sign of a fault on a machine that does other things too.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'threads', include: ours, exclude: [...never, '**/*.process.test.ts'], pool: 'threads', isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ours.map((glob) => glob.replace('.test.', '.process.test.')),
          exclude: never,
          pool: 'forks',
          isolate: true,
        },
      },
    ],
  },
});
