import { durationText } from './duration-text.ts';
import { useLook } from './look-context.ts';
import { useNow } from './use-now.ts';
import './styles/steps.css';

export interface StopwatchProps {
  startedMs: number;
  /* Absent while it runs. */
  endedMs?: number | undefined;
  label: string;
  /* display: the page's only 32 px number. inline: in a row. */
  look?: 'display' | 'inline';
  language?: string;
}

const TICK_MS = 100;

export function Stopwatch({ startedMs, endedMs, label, look = 'display', language }: StopwatchProps) {
  const { language: own } = useLook();
  const now = useNow(endedMs === undefined ? TICK_MS : null);
  const text = durationText((endedMs ?? now) - startedMs, language ?? own);
  if (look === 'inline') return <span className="duration">{text}</span>;
  const [number, ...unit] = text.split('\u00a0');
  const isPlain = unit.length === 1;
  return (
    <span className="clock" role="timer" aria-label={label} aria-live="off">
      {isPlain ? number : text}
      {isPlain && <small>{unit[0]}</small>}
    </span>
  );
}
