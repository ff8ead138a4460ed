import type { GetICUArgs } from '@schummar/icu-type-parser';
import type { Language } from '#contract/ids.ts';
import { en } from './en/index.ts';
import { ru } from './ru/index.ts';
import { createTranslateFrom } from './translate-from.ts';

export type Catalogue = typeof en;
export type WordKey = keyof Catalogue;
type Options = { ICUNumberArgument: number; ICUDateArgument: Date; ICUArgument: string | number };
/** The arguments that the sentence behind a key takes; a key without arguments takes none. */
export type WordArguments<K extends WordKey> = GetICUArgs<Catalogue[K], Options>;
type Rest<K extends WordKey> = keyof WordArguments<K> extends never ? [] : [arguments_: WordArguments<K>];

/** Says the sentence of a key. A missing key, a missing argument or one of the wrong type does not compile. */
export type Translate = {
  <K extends WordKey>(key: K, ...rest: Rest<K>): string;
  readonly language: Language;
  readonly timeZone: string;
  /**
   * Says a sentence whose key is only known at run time (a code that came over the wire). The key must have been
   * narrowed to a `WordKey` by the caller's types; arguments that the sentence does not know are ignored.
   */
  readonly say: (key: WordKey, parameters?: Readonly<Record<string, unknown>>) => string;
  /** True when a code that came over the wire has a sentence. */
  readonly has: (key: string) => key is WordKey;
};

const catalogues: Record<Language, Record<WordKey, string>> = { en, ru };

/** A translator for one language and one IANA time zone. Messages are parsed once and kept. */
export function createTranslate(language: Language, timeZone: string): Translate {
  return createTranslateFrom(catalogues[language], language, timeZone);
}

/** True when a code that came over the wire has a sentence. */
export function hasWords(key: string): key is WordKey {
  return Object.hasOwn(en, key);
}
