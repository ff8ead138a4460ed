import type { Translate } from '#words/translate.ts';

export const trustSystems = ['windows', 'macos', 'linux', 'firefox', 'android', 'ios'] as const;
export type TrustSystem = (typeof trustSystems)[number];

/** How people trust the site authority on a system: its name, and one step a line. */
export function trustSteps(words: Translate, system: TrustSystem): { readonly title: string; readonly steps: readonly string[] } {
  return { title: words(`certificates.trust.${system}`), steps: words(`certificates.trust.${system}.steps`).split('\n') };
}

/** The system that the person most probably sits at. */
export function likelySystem(userAgent: string): TrustSystem {
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Android/.test(userAgent)) return 'android';
  if (/iPhone|iPad/.test(userAgent)) return 'ios';
  if (/Windows/.test(userAgent)) return 'windows';
  return /Macintosh|Mac OS/.test(userAgent) ? 'macos' : 'linux';
}
