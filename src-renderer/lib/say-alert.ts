import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import { curePageOf, isAlertCode } from '#contract/catalogue/alerts.ts';
import { type AlertText, sayAlertText } from '#words/say-alert.ts';
import type { Translate } from '#words/translate.ts';
import { escapeText } from '../ui/escape-text.ts';
import { sayFailure } from './failure.ts';
import { paths } from './go-to.ts';

export type SaidAlert = AlertText & {
  /** Where the cure is. */
  readonly href: string;
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

/** An alert in words. `job`: the stopped job, whose own failure says more than its number of steps. */
export function sayAlert(words: Translate, alert: Alert, job: JobView | undefined): SaidAlert {
  const { word, title, cause, act } = sayAlertText(words, alert, job, (failure) => sayFailure(words, failure));
  return { word: escapeText(word), title: escapeText(title), cause: escapeText(cause), act: escapeText(act), href: hrefOf(alert) };
}
