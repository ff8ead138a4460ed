import { implement } from '@orpc/server';
import { toFirstForm } from '#contract/agent/first-samples.ts';
import { agentApi } from '#contract/agent/index.ts';
import type { Measurements, Samples } from '#contract/agent/monitoring.ts';
import type { AgentClock, SampleSource } from '../ports.ts';
import { mergedEvents } from './event-queue.ts';

/** A reader that stays behind for longer than this fills the gap with `since`. */
const mostWaiting = 5000;

/** Measurements: the last 24 h from the ring, and new ones as they are taken; by name, and in the first form for cores of before. */
export function createMonitoringCommands(samples: SampleSource, clock: AgentClock) {
  const area = implement(agentApi.monitoring);
  const gathered = { gatherMs: 0, after: clock.after };
  return area.router({
    measuredSince: area.measuredSince.handler(({ input }) => samples.since(input.sinceMs, input.limit)),
    watchMeasured: area.watchMeasured.handler(({ signal }) =>
      mergedEvents<Measurements>({
        ...gathered,
        subscribe: samples.onMeasured,
        merge: (waiting, event) => ({
          server: [...waiting.server, ...event.server].slice(-mostWaiting),
          instances: [...waiting.instances, ...event.instances].slice(-mostWaiting),
        }),
        signal,
      }),
    ),
    since: area.since.handler(async ({ input }) => {
      const { isComplete, ...page } = await samples.since(input.sinceMs, input.limit);
      return { ...toFirstForm(page), isComplete };
    }),
    watch: area.watch.handler(({ signal }) =>
      mergedEvents<Samples>({
        ...gathered,
        subscribe: (listener) => samples.onMeasured((measured) => listener(toFirstForm(measured))),
        merge: (waiting, event) => ({
          host: [...waiting.host, ...event.host].slice(-mostWaiting),
          instances: [...waiting.instances, ...event.instances].slice(-mostWaiting),
        }),
        signal,
      }),
    ),
  });
}
