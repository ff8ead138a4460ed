import { buildStale } from './build.mjs';
import { ensureBrowser } from './lib/browser.mjs';
import { runInFront } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { temporaryFolder } from './lib/memory-folder.mjs';
import { clearReports, readCounts, reportPath, totalLine } from './lib/reports.mjs';
import { compileCache, exists, toolScript } from './lib/root.mjs';

// `npm test`: rings 1 and 2 (vitest), then ring 4 through the window (Playwright). Words after `--` narrow vitest and leave the window out.
const named = process.argv.slice(2);
const node = await ensureInstalled();
const startedMs = performance.now();
/** @type {string[]} */
const rings = [];

clearReports(['rings-1-2', 'window']);
process.exitCode = 0;
if (!(await buildStale(node, ['agent', 'name-server', 'window', 'electron', 'shells']))) process.exitCode = 1;

/** @param {string} name @param {readonly string[]} parameters @param {NodeJS.ProcessEnv} [env] */
async function ring(name, parameters, env = {}) {
  rings.push(name);
  const code = await runInFront(node, parameters, { env: { ...compileCache, ...temporaryFolder(process.env), ...process.env, ...env } });
  if (code !== 0) process.exitCode = 1;
}

await ring('rings-1-2', [
  toolScript('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportPath('rings-1-2')}`,
  ...named,
]);
if (named.length === 0 && exists('e2e/playwright.config.ts')) {
  const browser = await ensureBrowser();
  await ring('window', [toolScript('@playwright/test', 'playwright'), 'test', '--config', 'e2e/playwright.config.ts'], {
    ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }),
    FARM_NODE: node,
    FARM_BUNDLED: '1',
  });
}

const counts = rings.map(readCounts);
for (const one of counts) process.stdout.write(`${one.name}: ${totalLine([one])}\n`);
process.stdout.write(`${totalLine(counts)} (${Math.round((performance.now() - startedMs) / 1000)} s)\n`);
if (counts.some(({ failed }) => failed > 0)) process.exitCode = 1;
