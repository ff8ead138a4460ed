import type { Language } from '#contract/ids.ts';
import type { Localized } from '#contract/package-manifest.ts';

/** A package's own text in a language; English where it has none in that one. */
export function localizedText(text: Localized, language: Language): string {
  return text[language] ?? text.en;
}
