import { useEffect, useState } from 'react';
import { useLook } from './look-context.ts';
import { exactTimeText, relativeTimeText, textHoldsForMs } from './relative-time-text.ts';

export interface RelativeTimeProps {
  timeMs: number;
  /* Who saw it, in the tooltip after the exact time: "by Oak". */
  vantagePoint?: string;
  /* Otherwise the window's. */
  language?: string;
  /* Grey: too old to be trusted. */
  isOld?: boolean;
}

export function RelativeTime({ timeMs, vantagePoint, language, isOld = false }: RelativeTimeProps) {
  const look = useLook();
  const words = language ?? look.language;
  const [now, setNow] = useState(look.clock);
  useEffect(() => {
    const timer = setTimeout(() => setNow(look.clock()), textHoldsForMs(timeMs, now));
    return () => clearTimeout(timer);
  }, [timeMs, now, look]);
  const shownNow = Math.max(now, timeMs <= look.clock() ? timeMs : now);
  const exact = exactTimeText(timeMs, words);
  return (
    <time
      className={isOld ? 'old nowrap' : 'nowrap'}
      dateTime={new Date(timeMs).toISOString()}
      title={vantagePoint === undefined ? exact : `${exact}, ${vantagePoint}`}
    >
      {relativeTimeText(timeMs, shownNow, words)}
    </time>
  );
}
