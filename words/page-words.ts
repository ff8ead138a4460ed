import type { Language } from '#contract/ids.ts';
import { edge as en } from './en/edge.ts';
import { edge as ru } from './ru/edge.ts';
import { createTranslateFrom, type Texts } from './translate-from.ts';

export type PageWord = keyof typeof en;
export type SayOnPage = (key: PageWord, parameters?: Readonly<Record<string, string>>) => string;

const sayFrom = (own: Readonly<Record<PageWord, string>>, language: Language): SayOnPage =>
  // Only keys of its own ever come to it.
  createTranslateFrom(own as Texts, language, 'UTC').say;

/** The sentences of friendly pages and no others: every process of an edge reads its whole bundle when it starts. */
export const pageWords: Readonly<Record<Language, SayOnPage>> = { en: sayFrom(en, 'en'), ru: sayFrom(ru, 'ru') };
