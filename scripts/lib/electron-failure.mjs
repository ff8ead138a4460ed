import { hasSetuidHelper, quoted } from './choose-shell.mjs';
import { printable } from './printable.mjs';
import { say } from './words.mjs';

/**
 * How Electron ended before its window came.
 * @typedef {{ code: number | undefined, signal: string | undefined, said: string }} Ending
 *   `said`: the last of what it printed on standard error, or, without code and signal, why it could not even be begun
 */

/** Debian's packages of the libraries that Electron needs and a small system lacks. Ubuntu's newer names (`…t64`) answer to these too, but for the first. */
const packages = {
  'libasound.so.2': 'libasound2t64 || sudo apt-get install libasound2',
  'libatk-1.0.so.0': 'libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0',
  'libcups.so.2': 'libcups2',
  'libdrm.so.2': 'libdrm2',
  'libgbm.so.1': 'libgbm1',
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnspr4.so': 'libnspr4',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
  'libsecret-1.so.0': 'libsecret-1-0',
  'libxkbcommon.so.0': 'libxkbcommon0',
};

/** @param {string} said */
export const missingLibrary = (said) => /error while loading shared libraries: ([^\s:]+): cannot open shared object file/u.exec(said)?.[1];

/** A file of Electron's own that is cut short or is no program: a copy that is not whole. @param {string} said */
export const isTornProgram = (said) =>
  /error while loading shared libraries: .*(?:file too short|invalid ELF header|ELF load command)|\bENOEXEC\b|Exec format error|icudtl\.dat not found|Invalid file descriptor to ICU data/u.test(
    said,
  );

/** Chromium says these on systems without a system bus, and when its own children lose it; neither stops it. */
const noise = /\bdbus\/|object_proxy\.cc|zygote_linux\.cc/u;

/**
 * The line that says most: Chromium's FATAL, else the last that is no part of a stack. Without its prefix (process, time, file).
 * @param {string} said
 */
export function lastLine(said) {
  const lines = said
    .split(/\r?\n/u)
    .filter(
      (line) => line.trim() !== '' && !noise.test(line) && !/^\s*(?:#\d+ |r\d+: |\[end of stack trace\]|Received signal )/u.test(line),
    );
  const line = lines.findLast((each) => /\bFATAL\b/u.test(each)) ?? lines.at(-1) ?? '';
  return printable(line.replace(/^\[\d+:[^\]]*?(?:FATAL|ERROR)?:?([\w.-]+\.(?:cc|mm|cpp))[^\]]*\] */u, '$1: '));
}

/**
 * Why the desktop window did not come, with its cure. Pure.
 * @param {Ending} ending
 * @param {{ sandbox: import('./choose-shell.mjs').Sandbox | undefined, display: string }} around
 * @returns {{ key: import('./words.mjs').WordKey, values: Record<string, string> }}
 */
export function explainFailure({ code, signal, said }, { sandbox, display }) {
  const library = missingLibrary(said);
  if (library !== undefined) {
    const known = Object.entries(packages).find(([name]) => name === library)?.[1];
    const values = { library: printable(library, 60) };
    return known === undefined ? { key: 'failedLibrary', values } : { key: 'failedLibraryPackage', values: { ...values, package: known } };
  }
  if (/Missing X server or \$DISPLAY|cannot open display|Unable to open X display|Failed to connect to Wayland display/iu.test(said))
    return { key: 'failedDisplay', values: { display: printable(display, 60) } };
  if (
    /setuid_sandbox_host|chrome-sandbox|No usable sandbox|zygote_host_impl_linux/u.test(said) &&
    sandbox !== undefined &&
    !hasSetuidHelper(sandbox)
  ) {
    if (sandbox.helper === undefined) return { key: 'failedSandboxHelper', values: {} };
    return { key: 'failedSandbox', values: { path: quoted(sandbox.helper.path) } };
  }
  if (code === undefined && signal === undefined) return { key: 'failedToBegin', values: { last: printable(said) } };
  const how = signal === undefined ? say('endedWithCode', { code: code ?? 1 }) : say('endedBySignal', { signal });
  const last = lastLine(said);
  return last === '' ? { key: 'failedSilently', values: { how } } : { key: 'failed', values: { how, last } };
}
