import type { Alert, LiveSnapshot } from '#contract/api/monitoring.ts';
import { type AlertPage, type AlertRow, alertCatalogue, curePageOf, isAlertCode } from '#contract/catalogue/alerts.ts';
import { isByRow, jobCatalogue } from '#contract/catalogue/jobs.ts';
import { sayAlertText } from '#words/say-alert.ts';
import { sayFailure } from '../../speech.ts';
import { shown } from '../../untrusted.ts';
import type { Call, Command } from '../command.ts';
import { facts } from '../columns.ts';
import { jobTitle } from '../job-text.ts';
import { ago, moment } from '../numbers.ts';
import { snapshotOf } from '../snapshot.ts';
import { marked, strong } from '../style.ts';

/** The command that shows what a page of the window shows, without its argument. */
const shownBy: { readonly [P in AlertPage]: readonly [area: string, verb: string, hasArgument?: true] } = {
  instance: ['instances', 'show', true],
  server: ['servers', 'show', true],
  job: ['jobs', 'show', true],
  certificates: ['certificates', 'list'],
  domains: ['domains', 'list'],
  settings: ['settings', 'show'],
};

/** What a person types next: the job that cures it, or what says more. A name that a shell would read otherwise is typed as its id. */
export function commandOf({ code, target }: Alert, name: string): string {
  if (!isAlertCode(code)) return ['farm', 'status'].join(' ');
  const { cure }: AlertRow = alertCatalogue[code];
  const typed = /^[\w.-]+$/.test(name) && target.kind !== 'job' ? name : target.id;
  if ('job' in cure && isByRow(cure.job)) {
    const { area, verb } = jobCatalogue[cure.job].command;
    return ['farm', area, verb, typed].join(' ');
  }
  const [area, verb, hasArgument] = shownBy[curePageOf(code)];
  return ['farm', area, verb, ...(hasArgument === true ? [typed] : [])].join(' ');
}

function nameOf({ t }: Call, alert: Alert, { servers, jobs, state }: LiveSnapshot): string {
  const { kind, id } = alert.target;
  const said = (parameter: string): string => String(alert.parameters[parameter] ?? id);
  switch (kind) {
    case 'server':
      return servers.find((one) => one.id === id)?.name ?? said('server');
    case 'job': {
      const job = jobs.find((one) => one.id === id);
      return job === undefined ? said('name') : jobTitle(t, job);
    }
    case 'certificate':
      return said('names');
    case 'instance':
      return said('name');
    case 'program':
    case 'farm':
      return state.farm?.name ?? '';
  }
}

const tell = (call: Call, alert: Alert, snapshot: LiveSnapshot) => {
  const { t } = call;
  const job = alert.target.kind === 'job' ? snapshot.jobs.find(({ id }) => id === alert.target.id) : undefined;
  const { word, title, cause, act } = sayAlertText(t, alert, job, (failure) => sayFailure(t, failure));
  const name = nameOf(call, alert, snapshot);
  return { alert, word, title, cause, about: { ...alert.target, name }, next: { says: act, command: commandOf(alert, name) } };
};
type Told = ReturnType<typeof tell>;

const linesOf = ({ t }: Call, { alert, title, cause, about, next }: Told): string[] => [
  `${marked(alert.mark, t(`common.state.${alert.mark}`))}  ${strong(shown(title))}`,
  ...[
    shown(cause),
    ...facts([
      [t('cli.field.about'), t('cli.alerts.about', about)],
      [t('cli.field.since'), t('cli.alerts.since', { time: moment(t, alert.sinceMs), ago: ago(t, alert.sinceMs, Date.now()) })],
      [t('cli.field.next'), t('cli.alerts.next', next)],
    ]),
  ].map((line) => `  ${line}`),
];

export const alertCommands: readonly Command[] = [
  {
    kind: 'call',
    area: 'alerts',
    verb: '',
    summary: 'cli.alerts',
    run: async (call) => {
      const snapshot = await snapshotOf(call.client);
      const told = snapshot.alerts.map((alert) => tell(call, alert, snapshot));
      const alerts = told.map(({ alert, ...said }) => ({ ...alert, severity: alert.mark, ...said }));
      return {
        json: { alerts },
        lines: [call.t('cli.status.alerts', { count: told.length }), ...told.flatMap((one) => linesOf(call, one))],
      };
    },
  },
];
