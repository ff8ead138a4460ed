import { buildStale } from './build.mjs';
import { ensureBrowser } from './lib/browser.mjs';
import { runInFront } from './lib/children.mjs';
import { ensureDebianPackages } from './lib/debian.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { clearReports, readCounts, reportPath, totalLine } from './lib/reports.mjs';
import { compileCache, toolScript } from './lib/root.mjs';

// `npm run test:real`: ring 3, with the real name servers, databases and Windows binaries. What is missing is installed, or the tests fail loudly.
const wanted = [
  'pdns-server',
  'pdns-backend-sqlite3',
  'sqlite3',
  'dnsutils',
  'postgresql',
  'iproute2',
  'nftables',
  'curl',
  'wine',
  'wine64',
  'libnss3-tools',
  'faketime',
  'qemu-system-x86',
  'debootstrap',
  'e2fsprogs',
];
const node = await ensureInstalled();
const startedMs = performance.now();

clearReports(['ring-3']);
await ensureDebianPackages(wanted);
const browser = await ensureBrowser();
const isBuilt = await buildStale(node, ['agent', 'name-server', 'window', 'electron', 'shells']);
const code = await runInFront(
  node,
  [
    toolScript('vitest'),
    'run',
    '--config',
    'vitest.real.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath('ring-3')}`,
    ...process.argv.slice(2),
  ],
  { env: { ...compileCache, ...process.env, FARM_BUNDLED: '1', ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }) } },
);
const counts = readCounts('ring-3');
process.stdout.write(`${totalLine([counts])} (${Math.round((performance.now() - startedMs) / 1000)} s)\n`);
process.exitCode = code === 0 && isBuilt && counts.failed === 0 ? 0 : 1;
