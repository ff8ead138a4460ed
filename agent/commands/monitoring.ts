import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { Samples } from '#contract/agent/monitoring.ts';
import type { AgentClock, SampleSource } from '../ports.ts';
import { mergedEvents } from './event-queue.ts';

/** A reader that stays behind for longer than this fills the gap with `since`. */
const mostWaiting = 5000;

/** Measurements: the last 24 h from the ring, and new ones as they are taken. */
export function createMonitoringCommands(samples: SampleSource, clock: AgentClock) {
  const area = implement(agentApi.monitoring);
  return area.router({
    since: area.since.handler(({ input }) => samples.since(input.sinceMs, input.limit)),
    watch: area.watch.handler(({ signal }) =>
      mergedEvents<Samples>({
        subscribe: samples.onSample,
        merge: (waiting, event) => ({
          host: [...waiting.host, ...event.host].slice(-mostWaiting),
          instances: [...waiting.instances, ...event.instances].slice(-mostWaiting),
        }),
        gatherMs: 0,
        after: clock.after,
        signal,
      }),
    ),
  });
}
