import { useEffect, useState } from 'react';
import { useLook } from './look-context.ts';

/* The time now, read again every so often while the part is shown. null stops the clock. */
export function useNow(everyMs: number | null): number {
  const { clock } = useLook();
  const [now, setNow] = useState(clock);
  useEffect(() => {
    if (everyMs === null) return undefined;
    const timer = setInterval(() => setNow(clock()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, clock]);
  return now;
}
