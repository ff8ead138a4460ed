import { buildStale } from './build.mjs';
import { ensureBrowser } from './lib/browser.mjs';
import { runInFront, runQuietly } from './lib/children.mjs';
import { ensureDebianPackages } from './lib/debian.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { clearReports, readCounts, reportPath, totalLine } from './lib/reports.mjs';
import { toolScript } from './lib/root.mjs';

// `npm run test:real`: ring 3, with the real name servers, databases and Windows binaries. What is missing is installed, or the tests fail loudly.
const wanted = [
  'pdns-server',
  'pdns-backend-sqlite3',
  'sqlite3',
  'dnsutils',
  'postgresql',
  'iproute2',
  'curl',
  'wine',
  'wine64',
  'libnss3-tools',
  'faketime',
];
const node = await ensureInstalled();
const startedMs = performance.now();

// The long table of kills waits more than it works, on a farm of its own: it runs beside the others, and what it said is told at the end.
const beside = 'e2e/real/kill-table.real.test.ts';
const named = process.argv.slice(2);

clearReports(['ring-3', 'ring-3-kills']);
await ensureDebianPackages(wanted);
const browser = await ensureBrowser();
const isBuilt = await buildStale(node, ['agent', 'window']);
const env = { ...process.env, ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }) };
/** @param {string} report @param {readonly string[]} which */
const vitest = (report, which) => [
  toolScript('vitest'),
  'run',
  '--config',
  'vitest.real.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportPath(report)}`,
  ...which,
];
const kills = named.length > 0 ? undefined : runQuietly(node, vitest('ring-3-kills', [beside]), { env });
const code = await runInFront(node, vitest('ring-3', named.length > 0 ? named : ['--exclude', beside]), { env });
const { code: killsCode, output } = (await kills) ?? { code: 0, output: '' };
process.stdout.write(output);
const counts = ['ring-3', ...(kills === undefined ? [] : ['ring-3-kills'])].map(readCounts);
for (const one of counts) process.stdout.write(`${one.name}: ${totalLine([one])}\n`);
process.stdout.write(`${totalLine(counts)} (${Math.round((performance.now() - startedMs) / 1000)} s)\n`);
process.exitCode = code === 0 && killsCode === 0 && isBuilt && counts.every(({ failed }) => failed === 0) ? 0 : 1;
