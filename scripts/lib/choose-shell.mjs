import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Which shell `npm start` opens: decided from what is passed in, so that every computer can be tried on one.
 * @typedef {object} Facts
 * @property {'electron' | 'http' | undefined} asked
 * @property {readonly string[]} switches Electron's own, of the command line
 * @property {string} platform as in `process.platform`
 * @property {NodeJS.ProcessEnv} environment
 * @property {boolean} isRoot
 * @property {boolean} hasDesktop this version has a desktop shell
 * @typedef {{ key: import('./words.mjs').WordKey, values?: Record<string, string> }} Said
 */

/** @param {readonly string[]} switches */
const hasNoSandbox = (switches) => switches.includes('--no-sandbox');

/** Electron ends at once then ("Running as root without --no-sandbox"), so it is not begun. @param {Facts} facts */
export const isRefusedAsRoot = ({ asked, platform, isRoot, switches }) =>
  asked === 'electron' && platform === 'linux' && isRoot && !hasNoSandbox(switches);

/**
 * Why the web console is opened, as far as it can be told before Electron is looked for; undefined when the desktop may be.
 * Who asks for the desktop is only stopped by what is certain.
 * @param {Facts} facts
 * @returns {Said | undefined}
 */
export function whyWeb({ asked, switches, platform, environment, isRoot, hasDesktop }) {
  if (asked === 'http') return { key: 'webAsked' };
  if (!hasDesktop) return { key: 'webNoBuild' };
  if (asked === 'electron' || platform !== 'linux') return undefined;
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return { key: 'webNoDisplay' };
  return isRoot && !hasNoSandbox(switches) ? { key: 'webRoot' } : undefined;
}

/** Where the kernel says whether a person may make the name spaces of Chromium's sandbox, and what means no. */
const refusals = [
  // Ubuntu 23.10 and newer: only programs with an AppArmor profile may. https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
  { path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', value: '1' },
  // Debian and hardened kernels.
  { path: '/proc/sys/kernel/unprivileged_userns_clone', value: '0' },
  { path: '/proc/sys/user/max_user_namespaces', value: '0' },
];

/**
 * @typedef {{ helper: { path: string, ownerId: number, mode: number } | undefined, settings: Readonly<Record<string, string | undefined>> }} Sandbox
 *   `helper`: `chrome-sandbox` beside the program, its mode with the file's kind cut off
 */

/**
 * Looks; changes and runs nothing.
 * @param {string} binary
 * @param {{ readText?: (path: string) => string }} [system]
 * @returns {Sandbox}
 */
export function lookAtSandbox(binary, { readText = (path) => readFileSync(path, 'utf8') } = {}) {
  /** @param {string} path */
  const read = (path) => {
    try {
      return readText(path).trim();
    } catch {
      return undefined;
    }
  };
  const settings = Object.fromEntries(refusals.map(({ path }) => [path, read(path)]));
  try {
    // Chromium looks beside the program itself, not beside a link to it.
    const path = join(dirname(realpathSync(binary)), 'chrome-sandbox');
    const { uid, mode } = statSync(path);
    return { helper: { path, ownerId: uid, mode: mode & 0o7777 }, settings };
  } catch {
    return { helper: undefined, settings };
  }
}

/** Chromium's own condition for its helper. @param {Sandbox} sandbox */
export const hasSetuidHelper = ({ helper }) => helper !== undefined && helper.ownerId === 0 && helper.mode === 0o4755;

/** For a command that people copy. @param {string} path */
export const quoted = (path) => `'${path.replaceAll("'", "'\\''")}'`;

/**
 * Why Chromium can make no sandbox on this Linux, or undefined when it can: through its helper, or by user name spaces that nothing forbids.
 * @param {Sandbox} sandbox
 * @returns {Said | undefined}
 */
export function whyNoSandbox(sandbox) {
  if (hasSetuidHelper(sandbox)) return undefined;
  const refusal = refusals.find(({ path, value }) => sandbox.settings[path] === value);
  if (refusal === undefined) return undefined;
  const setting = `${refusal.path} = ${refusal.value}`;
  return sandbox.helper === undefined
    ? { key: 'webNoSandboxHelper', values: { setting } }
    : { key: 'webNoSandbox', values: { setting, path: quoted(sandbox.helper.path) } };
}

/**
 * The words for Electron after the program's folder. Chromium takes Wayland only where the session calls itself so, and otherwise dies for want of X
 * (https://www.electronjs.org/docs/latest/breaking-changes#planned-breaking-api-changes-380): a compositor that was started from a terminal does not.
 * @param {readonly string[]} words
 * @param {{ platform: string, environment: NodeJS.ProcessEnv }} around
 */
export function desktopWords(words, { platform, environment }) {
  const isWaylandAlone = platform === 'linux' && Boolean(environment.WAYLAND_DISPLAY) && !environment.DISPLAY;
  const isGiven = words.some((word) => word.startsWith('--ozone-platform'));
  return isWaylandAlone && environment.XDG_SESSION_TYPE !== 'wayland' && !isGiven ? [...words, '--ozone-platform=wayland'] : [...words];
}

/**
 * The environment of the desktop: an inherited ELECTRON_RUN_AS_NODE (shells inside other Electron programs have it) would make Electron a plain Node.
 * @param {NodeJS.ProcessEnv} environment
 * @param {{ node: string, openedFile: string }} given
 * @returns {NodeJS.ProcessEnv}
 */
export function desktopEnvironment(environment, { node, openedFile }) {
  const dropped = ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'FARM_NODE', 'FARM_OPENED_FILE'];
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !dropped.includes(name.toUpperCase()))),
    FARM_NODE: node,
    FARM_OPENED_FILE: openedFile,
  };
}
