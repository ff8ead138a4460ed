import type { Translate, WordKey } from './translate.ts';

type Keys = { readonly title: WordKey | undefined; readonly says: WordKey | undefined };

/** The sentences of a change that a rehearsal names; another says it where nobody knows what stands now. Undefined: a code of a newer core. */
export function changeWords(has: Translate['has'], { code, isCertain }: { readonly code: string; readonly isCertain: boolean }): Keys {
  const known = (part: string): WordKey | undefined => {
    const key = `jobs.change.${code}.${part}`;
    return has(key) ? key : undefined;
  };
  return { title: known('title'), says: (isCertain ? undefined : known('unsure')) ?? known('says') };
}
