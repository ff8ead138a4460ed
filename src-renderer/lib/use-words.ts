import type { Language } from '#contract/ids.ts';
import { createTranslate, type Translate } from '#words/translate.ts';
import { useLookStore } from '../stores/look.ts';
import { selectTimeZone, useMirror } from '../stores/mirror.ts';
import { createFormat, type Format } from './format/format.ts';

const translators = new Map<string, Translate>();
const formats = new Map<string, Format>();

/** The translator of one language and time zone; kept, because messages are parsed once. */
export function wordsOf(language: Language, timeZone: string): Translate {
  const key = `${language} ${timeZone}`;
  const known = translators.get(key) ?? createTranslate(language, timeZone);
  translators.set(key, known);
  return known;
}

/** Says sentences in the window's language and the farm's time zone: `words('desk.title.quiet')`. */
export function useWords(): Translate {
  const language = useLookStore((look) => look.language);
  const timeZone = useMirror(selectTimeZone);
  return wordsOf(language, timeZone);
}

/** Numbers, sizes, times in the window's language and the farm's time zone. */
export function useFormat(): Format {
  const language = useLookStore((look) => look.language);
  const timeZone = useMirror(selectTimeZone);
  const key = `${language} ${timeZone}`;
  const known = formats.get(key) ?? createFormat(language, timeZone);
  formats.set(key, known);
  return known;
}
