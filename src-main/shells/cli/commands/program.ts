import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert, LiveSnapshot } from '#contract/api/monitoring.ts';
import { isFarmError } from '#contract/errors.ts';
import { sayAlertText } from '#words/say-alert.ts';
import type { Translate } from '#words/translate.ts';
import { askToShow } from '../../ask-to-show.ts';
import { openInBrowser, redirectPage, writeRedirectFile } from '../../open-in-browser.ts';
import type { Answer, Command } from '../command.ts';
import { facts } from '../columns.ts';
import { connect, type Found, findProgram } from '../connect.ts';
import { exitCodes, isCut } from '../failures.ts';
import { numberOf } from '../parse.ts';
import { snapshotOf } from '../snapshot.ts';
import { sayFailure } from '../../speech.ts';
import { shown } from '../../untrusted.ts';

type Run = Extract<Command, { kind: 'search' }>['run'];
type Seen = { readonly found: Found; readonly snapshot: LiveSnapshot };

const isUnderWay = (step: LiveSnapshot['state']['demoStep']): boolean => !['none', 'ready', 'failed'].includes(step);

async function look(homes: readonly string[]): Promise<Seen> {
  const found = await findProgram(homes);
  return { found, snapshot: await snapshotOf(connect(found.link)) };
}

const isAway = (error: unknown): boolean => isFarmError(error, 'NO_PROGRAM_RUNNING') || isCut(error);

/** Until the program runs and has finished what it begins with, or the time is over: then as it is. */
async function lookUntilReady(homes: readonly string[], endsAtMs: number, signal: AbortSignal): Promise<Seen> {
  while (true) {
    try {
      const seen = await look(homes);
      if (!isUnderWay(seen.snapshot.state.demoStep) || Date.now() >= endsAtMs) return seen;
    } catch (error) {
      if (!isAway(error) || Date.now() >= endsAtMs) throw error;
    }
    await delay(200, undefined, { signal });
  }
}

/** What is the matter, and under it why. */
function alertLines(t: Translate, alert: Alert, jobs: readonly JobView[]): readonly string[] {
  const job = alert.target.kind === 'job' ? jobs.find(({ id }) => id === alert.target.id) : undefined;
  const { title, cause } = sayAlertText(t, alert, job, (failure) => sayFailure(t, failure));
  return [shown(title), `  ${shown(cause)}`];
}

const status: Run = async ({ typed, t, signal }, homes) => {
  const waitSeconds = typed.has('wait') ? (numberOf(typed, 'timeout', { least: 1, most: 3600 }) ?? 60) : 0;
  const { found, snapshot } = await lookUntilReady(homes, Date.now() + waitSeconds * 1000, signal);
  const { farm, demoStep, demoFailure, totals } = snapshot.state;
  const isReady = !isUnderWay(demoStep) && demoStep !== 'failed';
  const { origin, processId, version, shell } = found.link;
  const json = {
    isReady,
    home: found.home,
    origin,
    processId,
    version,
    shell,
    farm,
    demoStep,
    ...(demoFailure === undefined ? {} : { demoFailure }),
    totals,
    servers: snapshot.servers.length,
    alerts: snapshot.alerts,
  };
  const lines = [
    ...facts([
      [t('cli.field.farm'), farm?.name ?? t('cli.settings.noFarm')],
      [t('cli.field.home'), found.home],
      [t('cli.field.address'), origin],
      [t('cli.field.version'), version],
      [t('cli.field.servers'), String(snapshot.servers.length)],
      [t('cli.field.instances'), String(totals.instances)],
    ]),
    ...(demoStep === 'none' || demoStep === 'ready' ? [] : [t(`shells.demo.${demoStep}`)]),
    ...(demoFailure === undefined ? [] : [sayFailure(t, demoFailure.failure)]),
    t('cli.status.alerts', { count: snapshot.alerts.length }),
    ...snapshot.alerts.flatMap((alert) => alertLines(t, alert, snapshot.jobs)),
  ];
  return { json, lines, ...(isReady || !typed.has('wait') ? {} : { exitCode: exitCodes.failed }) };
};

const open: Run = async ({ t }, homes): Promise<Answer> => {
  const { home, link } = await findProgram(homes);
  const token = await askToShow(link);
  if (token === undefined) return { json: { isOpened: true, origin: link.origin }, lines: [t('cli.open.window')] };
  const file = await writeRedirectFile(home, redirectPage(link.origin, token, t('shells.open.button')));
  const isOpened = await openInBrowser(file);
  const url = pathToFileURL(file).href;
  return {
    json: { isOpened, origin: link.origin, file, url },
    lines: [isOpened ? t('cli.open.browser') : t('shells.open.byHand', { url })],
  };
};

export const programCommands: readonly Command[] = [
  {
    kind: 'search',
    area: 'status',
    verb: '',
    summary: 'cli.status',
    options: {
      wait: { type: 'boolean', summary: 'cli.status.wait' },
      timeout: { type: 'string', value: 'SECONDS', summary: 'cli.status.timeout' },
    },
    run: status,
  },
  { kind: 'search', area: 'open', verb: '', summary: 'cli.open', run: open },
];
