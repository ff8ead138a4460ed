import type { JobView } from '#contract/api/jobs.ts';
import type { Worry } from '#contract/api/monitoring.ts';
import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import { sayFailure } from './failure.ts';
import { paths } from './go-to.ts';

export type SaidWorry = {
  readonly word: string;
  readonly title: string;
  readonly cause: string;
  readonly act: string;
  /** Where the cure is. */
  readonly href: string;
};

/** Every argument that a worry's sentence may have; a core that leaves one out must not cost the whole list. */
const absent = {
  ...{ name: '', server: '', names: '', type: 'create', step: 0, steps: 0, instances: 0, percent: 0, mayBeAgent: 'no' },
  ...{ edge: 'unknown', problem: 'silent', port: 0, owner: 'unknown', cause: '', address: '' },
  ...{ reference: '', count: 1, what: '', failure: '' },
};

function hrefOf(worry: Worry): string {
  const { kind, id } = worry.target;
  if (kind === 'instance') return paths.instance(String(worry.parameters['name'] ?? ''));
  if (kind === 'server') return paths.server(String(worry.parameters['server'] ?? ''));
  if (kind === 'program') return paths.settings;
  return kind === 'job' ? paths.job(id) : paths.certificates;
}

/** A worry in words. `job`: the stopped job, whose own failure says more than its number of steps. */
export function sayWorry(words: Translate, worry: Worry, job: JobView | undefined): SaidWorry {
  // The parameters of a job's failure stand beside its own and may have the same names: the job knows its own.
  const own = job === undefined ? {} : { name: job.subject.name, type: job.type };
  const why = worry.failure === undefined ? {} : { failure: sayFailure(words, worry.failure) };
  const parameters = { ...absent, ...worry.parameters, ...own, ...why };
  const say = (part: 'word' | 'title' | 'cause' | 'act'): string => escapeText(words.say(`desk.worry.${worry.code}.${part}`, parameters));
  const failure = job?.failure ?? job?.steps.find((step) => step.failure !== undefined)?.failure;
  return {
    word: say('word'),
    title: say('title'),
    cause: failure === undefined ? say('cause') : sayFailure(words, failure),
    act: say('act'),
    href: hrefOf(worry),
  };
}
