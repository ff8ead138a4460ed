import { useShallow } from 'zustand/react/shallow';
import { selectIsOld, selectWorries, useMirror } from '../stores/mirror.ts';
import { type SaidWorry, sayWorry } from './say-worry.ts';
import { useWords } from './use-words.ts';

export type WorryLine = SaidWorry & {
  readonly id: string;
  /** Without its colour once it is old. */
  readonly state: 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown';
  /** Undefined where an age would say nothing: a certificate's end is ahead. */
  readonly sinceMs: number | undefined;
  readonly isOld: boolean;
};

/** Everything that wants a person, in words: worst first. */
export function useSaidWorries(): readonly WorryLine[] {
  const words = useWords();
  const worries = useMirror(selectWorries);
  const isOld = useMirror(selectIsOld);
  const jobs = useMirror(useShallow((mirror) => worries.map((worry) => mirror.data?.jobs.get(worry.target.id))));
  return worries.map((worry, index) => ({
    ...sayWorry(words, worry, worry.target.kind === 'job' ? jobs[index] : undefined),
    id: worry.id,
    state: isOld ? 'unknown' : worry.mark,
    sinceMs: worry.target.kind === 'certificate' ? undefined : worry.sinceMs,
    isOld,
  }));
}
