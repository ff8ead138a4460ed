import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import { curePageOf, isAlertCode } from '#contract/catalogue/alerts.ts';
import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import { sayFailure } from './failure.ts';
import { paths } from './go-to.ts';

export type SaidAlert = {
  readonly word: string;
  readonly title: string;
  readonly cause: string;
  readonly act: string;
  /** Where the cure is. */
  readonly href: string;
};

/** Every argument that an alert's sentence may have; a core that leaves one out must not cost the whole list. */
const absent = {
  ...{ name: '', title: '', server: '', names: '', step: 0, steps: 0, instances: 0, percent: 0, mayBeAgent: 'no' },
  ...{ edge: 'unknown', problem: 'silent', port: 0, owner: 'unknown', cause: '', address: '' },
  ...{ reference: '', count: 1, what: '', failure: '' },
  ...{ path: '', freeMegabytes: 0, isFull: 'no' },
};

/** Where the cure is, as its row says. A code of a newer core leads to all alerts. */
function hrefOf({ code, target, parameters }: Alert): string {
  switch (isAlertCode(code) ? curePageOf(code) : undefined) {
    case 'instance':
      return paths.instance(String(parameters['name'] ?? ''));
    case 'server':
      return paths.server(String(parameters['server'] ?? ''));
    case 'job':
      return paths.job(target.id);
    case 'certificates':
      return paths.certificates;
    case 'domains':
      return paths.domains;
    case 'settings':
      return paths.settings;
    case undefined:
      return paths.alerts;
  }
}

/** What a stopped job was doing, in the words of its own type: *Adding shop.example*. A type of a newer core is told by its name. */
function titleOf(words: Translate, parameters: Readonly<Record<string, unknown>>): { readonly title?: string } {
  const { type, name } = parameters;
  if (typeof type !== 'string') return {};
  const key = `jobs.type.${type}.now`;
  return { title: words.has(key) ? words.say(key, { name }) : String(name) };
}

/** An alert in words. `job`: the stopped job, whose own failure says more than its number of steps. */
export function sayAlert(words: Translate, alert: Alert, job: JobView | undefined): SaidAlert {
  // The parameters of a job's failure stand beside its own and may have the same names: the job knows its own.
  const own = job === undefined ? {} : { name: job.subject.name, type: job.type };
  const why = alert.failure === undefined ? {} : { failure: sayFailure(words, alert.failure) };
  const given = { ...absent, ...alert.parameters, ...own, ...why };
  const parameters = { ...given, ...titleOf(words, given) };
  const say = (part: 'word' | 'title' | 'cause' | 'act'): string => escapeText(words.say(`alerts.${alert.code}.${part}`, parameters));
  const failure = job?.failure ?? job?.steps.find((step) => step.failure !== undefined)?.failure;
  return {
    word: say('word'),
    title: say('title'),
    cause: failure === undefined ? say('cause') : sayFailure(words, failure),
    act: say('act'),
    href: hrefOf(alert),
  };
}
