import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildStale } from './build.mjs';
import { runInFront } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { exists, root } from './lib/root.mjs';

// `npm run bench [-- name …]`: every benchmark in bench/, one after another. Each prints ratios against a named peer measured in the same run.
const named = process.argv.slice(2);
const node = await ensureInstalled();
if (!(await buildStale(node, ['agent', 'window']))) process.exit(1);
const files = exists('bench') ? readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.bench.mjs')) : [];
process.exitCode = 0;
for (const file of files.sort()) {
  if (named.length > 0 && !named.some((name) => file.startsWith(name))) continue;
  process.stdout.write(`\n# ${file}\n`);
  if ((await runInFront(node, [join('bench', file)])) !== 0) process.exitCode = 1;
}
