import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isFarmError } from '#contract/errors.ts';
import type { Translate } from '#words/translate.ts';
import { hostClock, type LateErrors, reportLateErrors } from '../../compose-shell.ts';
import { type DemoAnswer, demoStarter } from '../answer-show.ts';
import { askForDemo, askToShow } from '../ask-to-show.ts';
import type { Environment } from '../choose-desktop.ts';
import { chooseHome } from '../home-folder.ts';
import { type LinkFile, readLinkFile, removeLinkFile, writeLinkFile } from '../link-file.ts';
import { type OpenCore, openCore, programFolder, programVersion } from '../open-core.ts';
import { openInBrowser, redirectPage, removeRedirectFile, writeRedirectFile } from '../open-in-browser.ts';
import { shown } from '../untrusted.ts';
import { createGuard } from './guard.ts';
import { listen } from './listen.ts';
import type { Parameters } from './parameters.ts';
import { createHttpServer } from './server.ts';
import { createSessions } from './session.ts';
import { readSessions, sessionKeeper } from './session-file.ts';

type Start = Extract<Parameters, { kind: 'start' }>;
export type HttpRun = {
  readonly origin: string;
  /** Resolves when the demo farm that was asked for is there; at once without. Throws its coded errors. */
  readonly demo: Promise<void>;
  /** Lets everything go; agents and instances live on. May be called twice. */
  readonly close: () => Promise<void>;
};
export type Surroundings = {
  readonly parameters: Start;
  readonly t: Translate;
  readonly say: (sentence: string) => void;
  readonly environment: Environment;
  readonly windowFolder?: string;
  /** The process that this program is: its failures that nobody took are reported as long as the home is open. */
  readonly process?: LateErrors;
};

const attachTries = 50;
const attachPauseMs = 200;
const redirectLifeMs = 60_000;

/** The name under which a person's acts are recorded. A container may know no name for its user. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator';
  }
}

/** Opens the redirect file with the person's browser, or says how to. */
async function present({ parameters, t, say, environment }: Surroundings, home: string, origin: string, token: string): Promise<void> {
  const language = parameters.isLanguageAsked ? parameters.language : undefined;
  const file = await writeRedirectFile(home, redirectPage(origin, token, t('shells.open.button'), language));
  const isOpened = parameters.mayOpen && (await openInBrowser(file, environment));
  say(isOpened ? t('shells.open.browser') : t('shells.open.byHand', { url: pathToFileURL(file).href }));
  say(t('shells.open.again'));
}

/** What became of the request for a demo farm in a program that runs already. */
function sayDemo({ t, say }: Surroundings, demo: DemoAnswer | undefined): void {
  if (demo === undefined) say(t('shells.demo.notSaid'));
  else if (demo.state !== 'there') say(t(demo.state === 'started' ? 'shells.demo.begun' : 'shells.demo.underWay'));
  else say(t(demo.isDemo ? 'shells.demo.there' : 'shells.demo.otherFarm', { farm: shown(demo.farm) }));
}

/**
 * The home is open elsewhere: shows that one instead, and has it make the demo farm that was asked for. Waits a while for a program that is only just
 * starting. False when it does not answer, or cannot make the demo farm.
 */
async function attach(around: Surroundings, home: string, processId: number): Promise<boolean> {
  let link: LinkFile | undefined;
  for (let left = attachTries; link === undefined && left > 0; left -= 1) {
    link = await readLinkFile(home);
    if (link === undefined) await delay(attachPauseMs);
  }
  if (link === undefined) {
    around.say(around.t('shells.http.starting', { processId }));
    return false;
  }
  around.say(around.t('shells.http.attached', { origin: link.origin }));
  const { parameters } = around;
  const language = parameters.isLanguageAsked ? parameters.language : undefined;
  const asking: Promise<{ token: string | undefined; demo?: DemoAnswer | undefined }> = parameters.isDemo
    ? askForDemo(link, parameters.language, language)
    : askToShow(link, language).then((token) => ({ token }));
  const answer = await asking.catch(() => undefined);
  if (answer === undefined) {
    // It ends just now, or is too busy to answer.
    around.say(around.t('shells.http.starting', { processId }));
    return false;
  }
  const { token, demo } = answer;
  if (parameters.isDemo) sayDemo(around, demo);
  if (token !== undefined) await present(around, home, link.origin, token);
  return !parameters.isDemo || (demo !== undefined && (demo.state !== 'there' || demo.isDemo));
}

/** Serves an open core until `close`; the home's link and redirect files come and go with it. */
async function serve(around: Surroundings, home: string, version: string, open: OpenCore): Promise<HttpRun> {
  const { parameters, t, say } = around;
  const linkToken = randomBytes(32).toString('base64url');
  const keep = sessionKeeper(home, (error) => open.log.warn('sessions', { error: String(error) }));
  let origin = '';
  const sessions = createSessions({ nowMs: hostClock.nowMs, linkToken, origin: () => origin, kept: await readSessions(home), keep });
  const guard = createGuard({ origin: () => origin, sessions, operatorName: operatorName() });
  const app = await createHttpServer({
    core: open.core,
    guard,
    sessions,
    log: open.log,
    origin: () => origin,
    windowFolder: around.windowFolder ?? join(programFolder, 'dist', 'window'),
    version,
    startDemo: demoStarter(open),
    linkUsedSentence: t('error.LINK_USED'),
    noWindowSentence: t('shells.http.noWindow'),
    noStorageSentence: t('shells.http.noStorage'),
  });
  let forgetRedirect = (): void => undefined;
  const letGo = async (): Promise<void> => {
    forgetRedirect();
    await Promise.all([removeLinkFile(home), removeRedirectFile(home)]);
    await app.close();
  };
  try {
    origin = `http://127.0.0.1:${await listen(app, parameters.port, t('shells.http.otherProgram'))}`;
    await writeLinkFile(home, { origin, token: linkToken, version, shell: 'http' });
    say(t('shells.http.listens', { origin, home }));
    await present(around, home, origin, sessions.newLink());
    forgetRedirect = hostClock.after(redirectLifeMs, () => {
      removeRedirectFile(home).catch((error: unknown) => open.log.warn('redirect-file', { error: String(error) }));
    });
  } catch (error) {
    await letGo();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await letGo();
    await open.close();
  };
  return { origin, demo: startDemo(around, open), close: () => (closing ??= close()) };
}

function reported(open: OpenCore, process: LateErrors): OpenCore {
  const stop = reportLateErrors(process, open.log, open.core.noteFault);
  return { ...open, close: () => open.close().finally(stop) };
}

async function startDemo({ parameters, t, say }: Surroundings, { core }: OpenCore): Promise<void> {
  if (!parameters.isDemo) return;
  const stop = core.changes.on((change) => {
    if (change.kind === 'demo') say(t(`shells.demo.${core.demo.step()}`));
  });
  try {
    const farm = await core.demo.start(parameters.language);
    say(t('shells.demo.started', { domain: farm.defaultDomain }));
  } finally {
    stop();
  }
}

/**
 * Opens the home and serves it; undefined when it is open elsewhere and that program was shown instead (false: it did not answer).
 * Throws the coded errors of opening a home, and `PORT_TAKEN`.
 */
export async function runHttp(around: Surroundings): Promise<HttpRun | boolean> {
  const { parameters, environment } = around;
  const home = chooseHome({ home: parameters.home, isDemo: parameters.isDemo, environment });
  const version = await programVersion();
  let open: OpenCore;
  try {
    open = await openCore({ home, version, source: 'http', environment });
  } catch (error) {
    if (isFarmError(error, 'HOME_LOCKED')) return attach(around, home, error.parameters.processId);
    throw error;
  }
  const opened = around.process === undefined ? open : reported(open, around.process);
  try {
    return await serve(around, home, version, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}
