import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { Failure } from '#contract/errors.ts';
import type { Translate } from './translate.ts';

export type AlertText = { readonly word: string; readonly title: string; readonly cause: string; readonly act: string };

/** Every argument that an alert's sentence may have; a core that leaves one out must not cost the whole list. */
const absent = {
  ...{ name: '', title: '', server: '', names: '', step: 0, steps: 0, instances: 0, percent: 0, mayBeAgent: 'no' },
  ...{ edge: 'unknown', problem: 'silent', port: 0, owner: 'unknown', cause: '', address: '' },
  ...{ reference: '', count: 1, what: '', failure: '' },
  ...{ path: '', freeMegabytes: 0, isFull: 'no', exitCode: '', isOver: 'no', reason: '', waiting: 0 },
};

/** What a stopped job was doing, in the words of its own type: *Adding shop.example*. A type of a newer core is told by its name. */
function titleOf(words: Translate, parameters: Readonly<Record<string, unknown>>): { readonly title?: string } {
  const { type, name } = parameters;
  if (typeof type !== 'string') return {};
  const key = `jobs.type.${type}.now`;
  return { title: words.has(key) ? words.say(key, { name }) : String(name) };
}

/**
 * An alert in words, the same for a window and a terminal. `job`: the stopped job, whose own failure says more than its number of steps. Nothing is escaped
 * here but what `sayFailure` escapes.
 */
export function sayAlertText(t: Translate, alert: Alert, job: JobView | undefined, sayFailure: (failure: Failure) => string): AlertText {
  // The parameters of a job's failure stand beside its own and may have the same names: the job knows its own.
  const own = job === undefined ? {} : { name: job.subject.name, type: job.type };
  const why = alert.failure === undefined ? {} : { failure: sayFailure(alert.failure) };
  const given = { ...absent, ...alert.parameters, ...own, ...why };
  const parameters = { ...given, ...titleOf(t, given) };
  const say = (part: keyof AlertText): string => t.say(`alerts.${alert.code}.${part}`, parameters);
  const failure = job?.failure ?? job?.steps.find((step) => step.failure !== undefined)?.failure;
  return { word: say('word'), title: say('title'), cause: failure === undefined ? say('cause') : sayFailure(failure), act: say('act') };
}
