import type { Failure } from '#contract/errors.ts';
import { isFarmError } from '#contract/errors.ts';
import type { Language } from '#contract/ids.ts';
import { createTranslate, hasWords, type Translate } from '#words/translate.ts';
import type { Environment } from './choose-desktop.ts';

/** The language of a terminal: what was asked for, else the locale of the environment, else the system's. */
export function chooseLanguage(asked: string | undefined, environment: Environment = process.env): Language {
  const locale =
    asked || environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return locale.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

export const hostTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const translateFor = (language: Language): Translate => createTranslate(language, hostTimeZone());

/** A failure as a sentence; one without words is a bug and says its reference. */
export function sayFailure(translate: Translate, failure: Failure): string {
  const key = `error.${failure.code}`;
  if (!hasWords(key)) return translate('error.INTERNAL', { reference: failure.reference ?? failure.code });
  return translate.say(key, { reference: failure.reference ?? '', ...failure.parameters });
}

/** What was thrown, as data. Not for bugs: those are logged first. */
export function toFailure(error: unknown): Failure | undefined {
  return isFarmError(error) ? { code: error.code, parameters: { ...error.parameters } } : undefined;
}
