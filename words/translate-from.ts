import { IntlMessageFormat } from 'intl-messageformat';
import type { Language } from '#contract/ids.ts';
import type { Translate, WordKey } from './translate.ts';

/** One language's sentences by key. */
export type Texts = Readonly<Record<WordKey, string>>;

/**
 * A translator over the sentences of one language, for one IANA time zone. Messages are parsed once and kept. Apart from
 * `translate.ts`, so that a window loads the language that it shows and no other.
 */
export function createTranslateFrom(texts: Texts, language: Language, timeZone: string): Translate {
  const parsed = new Map<WordKey, IntlMessageFormat>();
  const format = (key: WordKey, parameters?: Readonly<Record<string, unknown>>): string => {
    let message = parsed.get(key);
    if (message === undefined) {
      message = new IntlMessageFormat(texts[key], language, { date: {}, time: {}, number: {} }, { ignoreTag: true, timeZone } as never);
      parsed.set(key, message);
    }
    return String(message.format(parameters as Record<string, string | number | Date>));
  };
  const translate = (key: WordKey, parameters?: Readonly<Record<string, unknown>>): string => format(key, parameters);
  const has = (key: string): key is WordKey => Object.hasOwn(texts, key);
  return Object.assign(translate, { language, timeZone, say: format, has }) as Translate;
}
