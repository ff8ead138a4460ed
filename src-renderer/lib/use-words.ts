import type { Language } from '#contract/ids.ts';
import type { Translate } from '#words/translate.ts';
import { createTranslateFrom, type Texts } from '#words/translate-from.ts';
import { selectTimeZone, useSnapshot } from '../stores/snapshot.ts';
import { useWordsStore } from '../stores/words.ts';
import { createFormat, type Format } from './format/format.ts';

const translators = new Map<string, Translate>();
const formats = new Map<string, Format>();

/** The translator of one language and time zone; kept, because messages are parsed once. */
function wordsOf(texts: Texts, language: Language, timeZone: string): Translate {
  const key = `${language} ${timeZone}`;
  const known = translators.get(key) ?? createTranslateFrom(texts, language, timeZone);
  translators.set(key, known);
  return known;
}

/** Says sentences in the window's language and the farm's time zone: `words('desk.title.quiet')`. */
export function useWords(): Translate {
  const { language, texts } = useWordsStore();
  const timeZone = useSnapshot(selectTimeZone);
  if (texts === undefined) throw new Error('the window was drawn before its words were loaded');
  return wordsOf(texts, language, timeZone);
}

/** Numbers, sizes, times in the window's language and the farm's time zone. */
export function useFormat(): Format {
  const language = useWordsStore((words) => words.language);
  const timeZone = useSnapshot(selectTimeZone);
  const key = `${language} ${timeZone}`;
  const known = formats.get(key) ?? createFormat(language, timeZone);
  formats.set(key, known);
  return known;
}
