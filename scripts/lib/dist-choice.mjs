/**
 * What `npm run dist` makes. Pure: the command line and the computer are given.
 * @typedef {'linux' | 'win'} System electron-builder's word
 * @typedef {{ system: System, archs: readonly string[], words: readonly string[] }} Packing one call of electron-builder, with its own words
 * @typedef {{ state: 'chosen', packings: readonly Packing[] } | { state: 'refused', key: 'distNoMac' }} DistChoice
 */

/** electron-builder's own words for a system, all of them; short ones may stand together (`-wl`). @type {Readonly<Record<string, System | 'mac'>>} */
const systemWords = { linux: 'linux', l: 'linux', win: 'win', windows: 'win', w: 'win', mac: 'mac', macos: 'mac', m: 'mac', o: 'mac' };
const archWords = ['--x64', '--arm64'];

/** The one for which electron-builder.yml makes an installer for Windows, whatever computer packs it; a test compares them. */
export const windowsArch = 'x64';

/** @param {string} platform Node's word @returns {System | 'mac'} */
function systemOf(platform) {
  if (platform === 'darwin') return 'mac';
  return platform === 'win32' ? 'win' : 'linux';
}

/**
 * The systems that a word names, and the first of its targets (`--linux=deb`).
 * @param {string} word @returns {{ systems: readonly (System | 'mac')[], targets: readonly string[] }}
 */
function readWord(word) {
  const { long, short, target } = /^--(?<long>[a-z]+)(?:=(?<target>.+))?$|^-(?<short>[lwmo]+)$/u.exec(word)?.groups ?? {};
  const names = short === undefined ? [long ?? ''] : [...short];
  return { systems: names.flatMap((name) => systemWords[name] ?? []), targets: target === undefined ? [] : [target] };
}

/**
 * One call of electron-builder for each system, since its words for a processor count for all systems of a call. What is named by no word of ours is
 * electron-builder's own; a word without a dash after a system is one of its targets.
 * @param {readonly string[]} words @param {{ platform: string, arch: string }} computer @returns {DistChoice}
 */
export function chooseDist(words, { platform, arch }) {
  /** @type {Map<System | 'mac', string[]>} */
  const targetsOf = new Map();
  /** @type {string[]} */
  const others = [];
  /** @type {readonly (System | 'mac')[]} */
  let last = [];
  for (const word of words) {
    const { systems, targets } = readWord(word);
    if (!word.startsWith('-') && last.length > 0) for (const system of last) targetsOf.get(system)?.push(word);
    else if (systems.length === 0 && !archWords.includes(word)) others.push(word);
    for (const system of systems) targetsOf.set(system, [...(targetsOf.get(system) ?? []), ...targets]);
    if (word.startsWith('-')) last = systems;
  }
  if (targetsOf.size === 0) targetsOf.set(systemOf(platform), []);
  const namedArchs = archWords.filter((word) => words.includes(word)).map((word) => word.slice(2));
  /** @type {Packing[]} */
  const packings = [];
  for (const [system, targets] of targetsOf) {
    if (system === 'mac') return { state: 'refused', key: 'distNoMac' };
    const archs = namedArchs.length > 0 ? namedArchs : [system === 'win' ? windowsArch : arch];
    packings.push({ system, archs, words: [`--${system}`, ...targets, ...archs.map((one) => `--${one}`), ...others] });
  }
  return { state: 'chosen', packings };
}
