import { readFileSync, statSync } from 'node:fs';
import { arch, cpus, release, totalmem, type, version } from 'node:os';
import { dirname, join } from 'node:path';
import { runQuietly } from '../children.mjs';
import { readJson } from '../root.mjs';

/** Whether a person may make the name spaces of Chromium's sandbox. */
const sandboxSettings = [
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
  '/proc/sys/kernel/unprivileged_userns_clone',
  '/proc/sys/user/max_user_namespaces',
];
/** None of these holds a secret. */
const environmentNames = ['XDG_SESSION_TYPE', 'XDG_CURRENT_DESKTOP', 'DISPLAY', 'WAYLAND_DISPLAY', 'LANG', 'ELECTRON_OVERRIDE_DIST_PATH'];

/** @param {() => string} look */
function quietly(look) {
  try {
    return look();
  } catch {
    return '–';
  }
}

/** @param {string} binary */
const helperOf = (binary) =>
  quietly(() => {
    const { uid, mode } = statSync(join(dirname(binary), 'chrome-sandbox'));
    return `uid ${uid}, mode ${(mode & 0o7777).toString(8)}`;
  });

/**
 * What is known of this computer without the desktop. Never throws.
 * @param {{ node: string, binary: string | undefined }} program
 * @returns {Promise<Record<string, string>>}
 */
export async function computerFacts({ node, binary }) {
  const commit = await runQuietly('git', ['rev-parse', '--short', 'HEAD'], { timeoutMs: 3000 });
  const pinned = await runQuietly(node, ['--version'], { timeoutMs: 10_000 });
  const isLinux = process.platform === 'linux';
  const distribution = () => /^PRETTY_NAME="?([^"\n]*)/mu.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '–';
  return {
    farmstead: `${readJson('package.json').version}${commit.code === 0 ? ` (${commit.output.trim()})` : ''}`,
    system: `${type()} ${release()} ${arch()}${isLinux ? `, ${quietly(distribution)}` : `, ${version()}`}`,
    processors: `${cpus().length} × ${cpus()[0]?.model.trim() ?? '–'}`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    'node of agents': pinned.code === 0 ? pinned.output.trim() : '–',
    'node of this script': process.version,
    ...(process.getuid === undefined ? {} : { root: String(process.getuid() === 0) }),
    ...Object.fromEntries(environmentNames.map((name) => [name, process.env[name] ?? '–'])),
    ...(isLinux ? Object.fromEntries(sandboxSettings.map((path) => [path, quietly(() => readFileSync(path, 'utf8').trim())])) : {}),
    ...(isLinux && binary !== undefined ? { 'chrome-sandbox': helperOf(binary) } : {}),
  };
}
