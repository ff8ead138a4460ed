import { printable } from './printable.mjs';

/**
 * What `npm start -- …` was told.
 * @typedef {'en' | 'ru'} Language
 * @typedef {{ kind: 'help' }
 *   | { kind: 'wrong', sentence: import('./words.mjs').WordKey, values: Record<string, string> }
 *   | { kind: 'start', shell: 'electron' | 'http' | undefined, web: string[], desktop: string[], switches: string[] }} StartRequest
 *   `web` and `desktop`: the words that each shell is given; `switches`: those of `desktop` that are Electron's own
 */

/** Ours, with whether a value follows. */
const options = { home: true, language: true, port: true, shell: true, demo: false, 'no-open': false, help: false };

/**
 * Switches of Chromium, Electron and Node that people need to get a window at all, or to see why none comes. Others stand behind a `--` of their
 * own, so that a mistyped option of ours is not taken for one of them.
 * https://www.electronjs.org/docs/latest/api/command-line-switches
 */
const electronSwitches = new Set([
  'disable-dev-shm-usage',
  'disable-features',
  'disable-gpu',
  'disable-gpu-sandbox',
  'enable-features',
  'enable-logging',
  'force-device-scale-factor',
  'gtk-version',
  'ignore-gpu-blocklist',
  'inspect',
  'inspect-brk',
  'log-level',
  'no-sandbox',
  'ozone-platform',
  'ozone-platform-hint',
  'password-store',
  'remote-debugging-port',
  'trace-warnings',
  'use-angle',
  'use-gl',
  'v',
  'vmodule',
]);

/** @param {import('./words.mjs').WordKey} sentence @param {Record<string, string>} [values] @returns {StartRequest} */
const wrong = (sentence, values = {}) => ({ kind: 'wrong', sentence, values });

/** @param {string} name @returns {name is keyof typeof options} */
const isOurs = (name) => Object.hasOwn(options, name);

/** @param {Map<string, string>} given @returns {StartRequest | undefined} */
function problemOf(given) {
  const { language, port, shell } = Object.fromEntries(given);
  if (language !== undefined && language !== 'en' && language !== 'ru')
    return wrong('languageUnknown', { language: printable(language, 40) });
  if (port !== undefined && !(/^\d{1,5}$/u.test(port) && Number(port) <= 65_535)) return wrong('portWrong');
  if (shell !== undefined && shell !== 'electron' && shell !== 'http') return wrong('shellUnknown', { shell: printable(shell, 40) });
  return undefined;
}

/** The language that `--language` asks for, if it is one: even a refusal is said in it. @param {readonly string[]} words @returns {Language | undefined} */
export function askedLanguage(words) {
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
  const at = own.findLastIndex((word) => word === '--language' || word.startsWith('--language='));
  const value = own[at] === '--language' ? own[at + 1] : own[at]?.slice('--language='.length);
  return value === 'en' || value === 'ru' ? value : undefined;
}

/**
 * Reads the command line; nothing is done yet. An option that nobody knows is refused here, before anything is installed or built.
 * @param {readonly string[]} words
 * @returns {StartRequest}
 */
export function readStartWords(words) {
  /** @type {Map<string, string>} */
  const given = new Map();
  /** @type {string[]} */
  const switches = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      switches.push(...words.slice(at + 1));
      break;
    }
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/su.exec(word === '-h' ? '--help' : word) ?? [];
    if (electronSwitches.has(name)) {
      switches.push(word);
      continue;
    }
    if (!isOurs(name)) return wrong('optionUnknown', { option: printable(word, 60) });
    if (!options[name]) {
      if (value !== undefined) return wrong('optionUnknown', { option: printable(word, 60) });
      given.set(name, '');
      continue;
    }
    const next = words[at + 1];
    if (value === undefined && next !== undefined && !next.startsWith('-')) at += 1;
    const taken = value ?? (next?.startsWith('-') ? undefined : next);
    if (taken === undefined || taken === '') return wrong('optionNeedsValue', { option: `--${name}` });
    given.set(name, taken);
  }
  if (given.has('help')) return { kind: 'help' };
  const problem = problemOf(given);
  if (problem !== undefined) return problem;
  const wordsOf = (/** @type {readonly string[]} */ names) =>
    names.flatMap((name) => {
      const value = given.get(name);
      if (value === undefined) return [];
      return value === '' ? [`--${name}`] : [`--${name}=${value}`];
    });
  const shell = given.get('shell');
  return {
    kind: 'start',
    shell: shell === 'electron' || shell === 'http' ? shell : undefined,
    web: wordsOf(['home', 'demo', 'language', 'port', 'no-open']),
    desktop: [...wordsOf(['home', 'demo', 'language']), ...switches],
    switches,
  };
}
