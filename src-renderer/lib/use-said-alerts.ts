import { useShallow } from 'zustand/react/shallow';
import { selectIsOld, selectAlerts, useSnapshot } from '../stores/snapshot.ts';
import { type SaidAlert, sayAlert } from './say-alert.ts';
import { useWords } from './use-words.ts';

export type AlertLine = SaidAlert & {
  readonly id: string;
  /** Without its colour once it is old. */
  readonly state: 'good' | 'working' | 'warning' | 'bad' | 'paused' | 'unknown';
  /** Undefined where an age would say nothing: a certificate's end is ahead. */
  readonly sinceMs: number | undefined;
  readonly isOld: boolean;
};

/** Everything that wants a person, in words: worst first. */
export function useSaidAlerts(): readonly AlertLine[] {
  const words = useWords();
  const alerts = useSnapshot(selectAlerts);
  const isOld = useSnapshot(selectIsOld);
  const jobs = useSnapshot(useShallow((snapshot) => alerts.map((alert) => snapshot.data?.jobs.get(alert.target.id))));
  return alerts.map((alert, index) => ({
    ...sayAlert(words, alert, alert.target.kind === 'job' ? jobs[index] : undefined),
    id: alert.id,
    state: isOld ? 'unknown' : alert.mark,
    sinceMs: alert.target.kind === 'certificate' ? undefined : alert.sinceMs,
    isOld,
  }));
}
