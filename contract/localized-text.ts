import type { Language } from './ids.ts';

/** A text in the languages of the program; English is always there. The schema is `localized` in `package-manifest.ts`. */
type Texts = { readonly en: string; readonly ru?: string | undefined };

/** A text in a language; English where it has none in that one. */
export function localizedText(text: Texts, language: Language): string {
  return text[language] ?? text.en;
}

/** The name of a package or plan as a reader of `language` knows it. `name` is what a core says that sends no `names` yet. */
export function nameIn(language: Language, of: { readonly name: string; readonly names?: Texts | undefined }): string {
  return of.names === undefined ? of.name : localizedText(of.names, language);
}
