import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildStale } from './build.mjs';
import { ensureBrowser } from './lib/browser.mjs';
import { runInFront } from './lib/children.mjs';
import { ensureDebianPackages } from './lib/debian.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { exists, root } from './lib/root.mjs';

// `npm run bench [-- name …]`: every benchmark in bench/, one after another. Each prints ratios against a named peer measured in the same run.
const named = process.argv.slice(2);
const node = await ensureInstalled();
if (!(await buildStale(node, ['agent', 'name-server', 'window']))) process.exit(1);
const files = exists('bench') ? readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.bench.mjs')) : [];
process.exitCode = 0;
const chosen = files.filter((file) => named.length === 0 || named.some((name) => file.startsWith(name))).sort();

// What the peers are: a benchmark installs nothing itself, and says what it misses.
if (chosen.some((file) => file.startsWith('edge'))) await ensureDebianPackages(['nginx', 'caddy', 'haproxy', 'wrk', 'nghttp2-client']);
const browser = chosen.includes('window.bench.mjs') ? await ensureBrowser() : undefined;
const env = { ...process.env, ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }) };

if (chosen.length === 0) process.exitCode = 1;
for (const file of chosen) {
  process.stdout.write(`\n# ${file}\n`);
  if ((await runInFront(node, [join('bench', file)], { env })) !== 0) process.exitCode = 1;
}
