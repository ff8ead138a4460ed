import { useEffect, useState } from 'react';
import type { RehearsalRequest, RehearsedChange } from '#contract/api/jobs.ts';
import { changeWords } from '#words/say-change.ts';
import { sayCode } from './say-job.ts';
import { useQuery } from './use-query.ts';
import { useWords } from './use-words.ts';

/** One change in the reader's words. `kind` is the effect's, for its icon; `untouched` says what stays. */
export type SaidChange = { readonly id: string; readonly kind: string; readonly title: string; readonly says: string };

/** Short enough to be felt as at once, long enough that a typed word is asked once. */
const TYPING_MS = 180;

/** What an act would change, by what the core knows now; while a newer answer is on its way the last one stays. Undefined before the first. */
export function useRehearsal(act: RehearsalRequest | undefined): readonly SaidChange[] | undefined {
  const words = useWords();
  const asked = act === undefined ? '' : JSON.stringify(act);
  const [settled, setSettled] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), TYPING_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const answer = useQuery(
    settled === '' ? undefined : `jobs.rehearse.${settled}`,
    async (core, options) => (await core.jobs.rehearse({ act: JSON.parse(settled) as RehearsalRequest }, options)).changes,
    { freshMs: 2_000 },
  );
  const [last, setLast] = useState<readonly RehearsedChange[]>();
  const now = answer.data;
  useEffect(() => {
    if (now !== undefined) setLast(now);
  }, [now]);
  return (now ?? last)?.map(({ step, kind, code, parameters, isCertain, title, says }) => {
    const known = changeWords(words.has, { code, isCertain });
    return {
      id: `${step}.${code}`,
      kind,
      title: sayCode(words, known.title ?? '', parameters) ?? title,
      says: sayCode(words, known.says ?? '', parameters) ?? says,
    };
  });
}
