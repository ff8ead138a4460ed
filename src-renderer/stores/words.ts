import { create } from 'zustand';
import type { Language } from '#contract/ids.ts';
import type { Texts } from '#words/translate-from.ts';
import { useLookStore } from './look.ts';

/** The language that is shown: the chosen one as soon as its sentences are here. */
type WordsState = { readonly language: Language; readonly texts: Texts | undefined };
export const useWordsStore = create<WordsState>(() => ({ language: 'en', texts: undefined }));

/** Each language is a file of its own, so that nobody loads the one that they do not read. */
const loaders: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('#words/en/index.ts')).en,
  ru: async () => (await import('#words/ru/index.ts')).ru,
};

async function show(language: Language): Promise<void> {
  const texts = await loaders[language]();
  // Chosen again while this one was on its way: the newest choice wins.
  if (useLookStore.getState().language === language) useWordsStore.setState({ language, texts });
}

/** Loads the chosen language and every later choice. Resolves when the first can be shown. */
export async function keepWords(): Promise<void> {
  useLookStore.subscribe((look, before) => {
    if (look.language !== before.language) void show(look.language);
  });
  await show(useLookStore.getState().language);
}
