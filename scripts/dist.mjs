import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildStale } from './build.mjs';
import { runInFront, runQuietly } from './lib/children.mjs';
import { chooseDist } from './lib/dist-choice.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root, toolScript } from './lib/root.mjs';
import { bringRuntime, runtimeOf } from './lib/runtimes.mjs';
import { say } from './lib/words.mjs';

// `npm run dist -- [--linux] [--win] [--x64] [--arm64] [--dir] …`: the installers, into release/. What is named otherwise is electron-builder's.
const { npm_node_execpath: npmNode, npm_execpath: npmScript } = process.env;
const npm = npmNode !== undefined && npmScript !== undefined ? [npmNode, npmScript] : ['npm'];

/** @param {string} sentence */
const tell = (sentence) => process.stderr.write(`${sentence}\n`);

/**
 * The Node of every system that is packed. Returns false when one is missing: its installer would hold a desktop that can start no agent.
 * @param {readonly import('./lib/dist-choice.mjs').Packing[]} packings
 */
async function bringRuntimes(packings) {
  const folder = join(root, 'dist', 'runtimes');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let areThere = true;
  for (const runtime of packings.flatMap(({ system, archs }) => archs.map((arch) => runtimeOf(system, arch)))) {
    const outcome = await bringRuntime(runtime, folder, npm);
    if (outcome.state === 'there') continue;
    areThere = false;
    if (outcome.state === 'unknown') tell(say('distNoRuntime', { name: runtime.name }));
    else if (outcome.state === 'changed') tell(say('distRuntimeChanged', { name: runtime.name }));
    else tell(say('distRuntimeAway', { name: runtime.name, reason: outcome.reason }));
  }
  return areThere;
}

/** The payloads that npm builds: a person's computer has no npm. @param {string} node */
async function makePayloads(node) {
  const folder = join(root, 'dist', 'payloads');
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const { code, output } = await runQuietly(node, ['src-main/drivers/packages/make-ready.ts', 'assets/packages', unfinished]);
  if (code !== 0) {
    tell(`${output.trimEnd()}\n${say('distNoPayloads')}`);
    return false;
  }
  // The cache of a person is theirs alone; what is installed must be read by whoever uses the computer.
  chmodSync(unfinished, 0o755);
  for (const name of readdirSync(unfinished)) chmodSync(join(unfinished, name), 0o644);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return true;
}

/** @param {string} node @param {import('./lib/dist-choice.mjs').Packing} packing */
async function pack(node, { words }) {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const code = await runInFront(node, [
    toolScript('electron-builder'),
    ...words,
    ...(dist === undefined || words.some((word) => word.startsWith('-c.electronDist')) ? [] : [`-c.electronDist=${dist}`]),
  ]);
  if (code !== 0) tell(say('distFailed'));
  return code;
}

async function dist() {
  const choice = chooseDist(process.argv.slice(2), process);
  if (choice.state === 'refused') {
    tell(say(choice.key));
    return 2;
  }
  const node = await ensureInstalled();
  if (!(await buildStale(node, ['agent', 'name-server', 'window', 'electron']))) return 1;
  const isComplete = [await bringRuntimes(choice.packings), await makePayloads(node)].every(Boolean);
  if (!isComplete) return 1;
  const startedAtMs = Date.now();
  for (const packing of choice.packings) {
    const code = await pack(node, packing);
    if (code !== 0) return code;
  }
  const release = join(root, 'release');
  if (!existsSync(release)) return 0;
  const made = readdirSync(release, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^builder-|\.(ya?ml|blockmap)$/u.test(entry.name))
    .map((entry) => ({ name: entry.name, ...statSync(join(release, entry.name)) }))
    .filter(({ mtimeMs }) => mtimeMs >= startedAtMs - 1000);
  for (const { name, size } of made) tell(say('distMade', { path: join('release', name), megabytes: Math.round(size / 1_000_000) }));
  return 0;
}

process.exitCode = await dist();
