import { defineConfig } from 'vitest/config';

/** Ring 3: real name servers, databases, Windows binaries. One after another, because they share ports, namespaces and two cores. */
export default defineConfig({
  test: {
    include: ['**/*.real.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/release/**'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    pool: 'forks',
    isolate: true,
    fileParallelism: false,
    maxWorkers: 1,
    // What differs is the whole message of a failed comparison.
    chaiConfig: { truncateThreshold: 0 },
  },
});
