/**
 * The table of faults: an edge frozen, its workers, its main process, an edge killed with its port taken, an agent started with it taken, a full home, a
 * hanging instance: what desk and command line said, after how many seconds, and what healed by itself. Written to `reports/faults.md`.
 *   npm run bench -- faults      (about four minutes; needs what `npm run test:real` installs)
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sayMachine } from './lib/say.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
sayMachine('before');
const child = spawn(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', 'vitest.real.config.ts', '--reporter=verbose'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FARM_FAULTS: 'all' } },
);
const code = await new Promise((resolve) => child.once('close', resolve));
sayMachine('after');
if (code !== 0) process.exitCode = 1;
