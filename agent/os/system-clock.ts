import type { AgentClock } from '../ports.ts';

/** The machine's own clock. */
export function createSystemClock(): AgentClock {
  return {
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    after: (delayMs, act) => {
      const timer = setTimeout(act, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
