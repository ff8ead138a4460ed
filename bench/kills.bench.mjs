/**
 * The whole table of real kills: every step of every type of job, a real core or a real agent killed right before and right after it, then continued and
 * undone. `npm run test:real` leaves out what repeats; this leaves nothing out. The tables are written to `reports/kill-table.md` and `kill-others.md`.
 *   npm run bench -- kills      (about half an hour; needs what `npm run test:real` installs)
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, sayMachine, sayTarget } from './lib/say.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(root, 'reports', 'kills.json');
const files = ['e2e/real/kill-table.real.test.ts', 'e2e/real/kill-others.real.test.ts'];

sayMachine('before');
const startedMs = performance.now();
const child = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--config', 'vitest.real.config.ts', '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`],
    ...files,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FARM_KILLS: 'all' } },
);
const code = await new Promise((resolve) => child.once('close', resolve));
// those that were not tried, because the farm for them did not come up, are not well
const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
say(`${numPassedTests} of ${numTotalTests} kills left the world as it says, in ${Math.round((performance.now() - startedMs) / 1000)} s`);
sayTarget('kills after which something was left over or missing, or that were not tried', {
  ...{ measured: numTotalTests - numPassedTests, atMost: 0, unit: 'kills', digits: 0 },
});
sayMachine('after');
if (code !== 0) process.exitCode = 1;
