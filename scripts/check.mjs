import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { exists, root, toolScript } from './lib/root.mjs';

// `npm run check`: everything that can be said of the code without running it. All steps run, whatever one of them finds.
const node = await ensureInstalled();
const types = (/** @type {string} */ config) => [toolScript('typescript', 'tsc'), '-p', config, '--pretty', 'false'];

/** The cheapest first where they wait for a core; each is one line of the result. */
const steps = [
  { name: 'types', parameters: types('tsconfig.json') },
  { name: 'types: kit, contract, words and model need no Node and no DOM', parameters: types('tsconfig.pure.json') },
  { name: 'types: the window needs no Node', parameters: types('tsconfig.window.json') },
  { name: 'types: desktop shell', parameters: types('tsconfig.electron.json'), needs: 'src-main/shells/electron' },
  { name: 'types: scripts', parameters: types('tsconfig.scripts.json') },
  { name: 'lint and format', parameters: [toolScript('@biomejs/biome', 'biome'), 'ci', '--colors=off', '--max-diagnostics=40', '.'] },
  { name: 'import table', parameters: ['scripts/checks/imports.mjs'] },
  { name: 'words, platform, length of functions, versions', parameters: ['scripts/checks/sources.mjs'] },
  { name: 'dead code', parameters: [toolScript('knip'), '--no-progress'] },
];

const startedMs = performance.now();
const secondsSince = (/** @type {number} */ fromMs) => Math.round((performance.now() - fromMs) / 100) / 10;

/** @param {(typeof steps)[number]} step */
async function runStep(step) {
  const stepStartedMs = performance.now();
  const { code, output } = await runQuietly(node, step.parameters, { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } });
  const seconds = secondsSince(stepStartedMs);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'}  ${seconds.toFixed(1).padStart(5)} s  ${step.name}\n`);
  if (code !== 0) process.stdout.write(`${output.trimEnd().replace(/^/gmu, '      ')}\n`);
  return { name: step.name, isOk: code === 0, seconds };
}

const queue = steps.filter(({ needs }) => needs === undefined || exists(needs));
/** @type {Awaited<ReturnType<typeof runStep>>[]} */
const results = [];
const worker = async () => {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) results.push(await runStep(step));
};
await Promise.all([worker(), worker(), worker()]);

mkdirSync(join(root, 'reports'), { recursive: true });
writeFileSync(join(root, 'reports', 'check.json'), `${JSON.stringify({ steps: results }, null, 2)}\n`);
const failed = results.filter(({ isOk }) => !isOk).length;
process.stdout.write(`${results.length - failed} of ${results.length} checks passed in ${secondsSince(startedMs).toFixed(1)} s\n`);
process.exitCode = failed === 0 ? 0 : 1;
