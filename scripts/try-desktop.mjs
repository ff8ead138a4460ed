import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildStale } from './build.mjs';
import { electronPackage, electronVersion, lookForElectron } from './lib/electron.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { printable } from './lib/printable.mjs';
import { root } from './lib/root.mjs';
import { askedLanguage, readStartWords } from './lib/start-parameters.mjs';
import { cleanUp } from './lib/trial/clean-up.mjs';
import { desktopProgram } from './lib/trial/desktop-program.mjs';
import { computerFacts } from './lib/trial/facts.mjs';
import { liveTwice } from './lib/trial/lives.mjs';
import { askPerson, notAsked } from './lib/trial/questions.mjs';
import { createRecord } from './lib/trial/record.mjs';
import { writeReport } from './lib/trial/report.mjs';
import { lastLines } from './lib/trial/texts.mjs';
import { say, speakIn, spokenLanguage } from './lib/words.mjs';

// `npm run try:desktop`: the desktop on this very computer, from its first window to its last process, and one file that tells how it went.
const words = process.argv.slice(2);
const reportFile = join(root, 'reports', 'desktop-trial.html');
const shownLines = 300;

/** @param {string} sentence */
const tell = (sentence) => process.stdout.write(`${sentence}\n`);

/** The first Ctrl-C ends what was started, and the file is still written; a second ends this script at once. */
function listenForEnd() {
  const over = new AbortController();
  const interrupt = () => {
    if (over.signal.aborted) process.exit(130);
    tell(`\n${say('tryInterrupted')}`);
    over.abort();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, interrupt);
  return { signal: over.signal, interrupt };
}

/** @param {string} path */
const readText = (path) => (existsSync(path) ? lastLines(readFileSync(path, 'utf8'), shownLines) : '');

/**
 * What the report needs of a folder that goes away: read before it does.
 * @param {{ folder: string, home: string, pictures: readonly { name: string, file: string }[], said: string }} given
 */
function takeAlong({ folder, home, pictures, said }) {
  const logs = { 'desktop.log': join(home, '.desktop', 'desktop.log'), 'core.log': join(home, 'core.log') };
  return {
    images: pictures
      .filter(({ file }) => existsSync(join(folder, basename(file))))
      .map(({ name, file }) => ({ name, bytes: readFileSync(join(folder, basename(file))) })),
    texts: [
      ...Object.entries(logs).map(([name, path]) => ({ title: say('report.log', { name }), text: readText(path) })),
      { title: say('report.said'), text: said },
    ],
  };
}

/** @param {import('./lib/trial/record.mjs').TrialRecord} record @param {ReturnType<typeof listenForEnd>} end */
async function askOrNot(record, { signal, interrupt }) {
  const { stdin: input, stdout: output } = process;
  if (!input.isTTY) tell(`\n${say('tryNotAsked')}`);
  const answers = input.isTTY ? await askPerson({ input, output, signal, onInterrupt: interrupt }) : notAsked();
  for (const { name, result, detail } of answers) record.add('person', name, result, { detail });
}

/** @param {import('./lib/trial/report.mjs').Report} report */
function tellReport(report) {
  tell(`\n${report.total}`);
  try {
    writeReport(reportFile, report);
    tell(say('tryFile', { path: reportFile }));
    return true;
  } catch (error) {
    tell(say('tryNoFile', { path: reportFile, reason: String(error) }));
    return false;
  }
}

/** Electron's program, when all of it is here. */
function findElectron() {
  const { platform, env: environment } = process;
  const found = lookForElectron({ packageFolder: electronPackage, platform, environment });
  return found.state === 'whole' ? found.binary : undefined;
}

/** @param {string} node @param {readonly string[]} switches of Electron's own */
async function tryDesktop(node, switches) {
  const end = listenForEnd();
  const { signal } = end;
  const binary = words.includes('--stand-in') ? undefined : findElectron();
  const head = binary === undefined ? say('tryStandIn') : say('tryElectron', { version: electronVersion(), path: binary });
  tell(head);
  const folder = mkdtempSync(join(tmpdir(), 'farmstead-trial-'));
  const [home, person] = [join(folder, 'home'), join(folder, 'person')];
  const [openedFile, results] = [join(folder, 'opened'), join(folder, 'results')];
  mkdirSync(person);
  tell(say('tryFolder', { folder }));

  const record = createRecord(tell);
  const facts = await computerFacts({ node, binary });
  /** @type {import('./lib/trial/desktop-life.mjs').Program[]} */
  const programs = [];
  /** @type {Set<string>} */
  const secrets = new Set();
  /** @type {{ name: string, file: string }[]} */
  const pictures = [];
  /** @type {number[]} */
  const agents = [];
  let along = takeAlong({ folder, home, pictures, said: '' });
  let isWritten = false;
  try {
    await liveTwice({
      node,
      home,
      results,
      openedFile,
      desktop: desktopProgram({ binary, node, home, person, switches }),
      language: spokenLanguage(),
      record,
      facts,
      secrets,
      pictures,
      agents,
      signal,
      onStart: (program) => void programs.push(program),
      askPerson: () => askOrNot(record, end),
    });
  } finally {
    const beforeRemoval = () => {
      along = takeAlong({ folder, home, pictures, said: programs.map((program) => program.said()).join('') });
    };
    await cleanUp({ node, folder, home, results, openedFile, programs, agents, beforeRemoval, record });
    const total = signal.aborted ? `${record.total()} ${say('tryWasInterrupted')}` : record.total();
    const { rows } = record;
    isWritten = tellReport({ head, isStandIn: binary === undefined, rows, facts, total, ...along, secrets });
  }
  return record.hasFailed() || signal.aborted || !isWritten ? 1 : 0;
}

/** The words of `npm start`, of which only the language and Electron's own switches mean something here. */
function readWords() {
  const request = readStartWords(words.filter((word) => word !== '--stand-in'));
  if (request.kind !== 'start') return request;
  const foreign = request.shell === undefined ? request.web.find((word) => !word.startsWith('--language=')) : '--shell';
  if (foreign === undefined) return request;
  return /** @type {const} */ ({ kind: 'wrong', sentence: 'tryOption', values: { option: printable(foreign, 60) } });
}

speakIn(askedLanguage(words) ?? spokenLanguage());
const request = readWords();
if (request.kind === 'help') tell(say('tryUsage'));
else if (request.kind === 'wrong') {
  // That one tells how `npm start` takes a switch of Electron's.
  const sentence = request.sentence === 'optionUnknown' ? 'tryOption' : request.sentence;
  tell(`${say(sentence, request.values)}\n${say('tryUsage')}`);
  process.exitCode = 2;
} else {
  const node = await ensureInstalled();
  process.exitCode = (await buildStale(node, ['agent', 'name-server', 'window', 'electron']))
    ? await tryDesktop(node, request.switches)
    : 1;
}
