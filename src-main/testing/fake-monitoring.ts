import { implement } from '@orpc/server';
import { toFirstForm } from '#contract/agent/first-samples.ts';
import { agentApi } from '#contract/agent/index.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import { FarmError } from '#contract/errors.ts';
import { createFakeStream } from './fake-stream.ts';

const bare = implement(agentApi.monitoring);

/** What a fake agent measures: nothing by itself, only what a test pushes. An old one lacks the commands with names, as the link tells it. */
export function createFakeMonitoring(isOld: boolean) {
  const measured = createFakeStream<Measurements>();
  const kept: Measurements[] = [];
  const missing = (command: string): void => {
    if (isOld) throw new FarmError('COMMAND_MISSING', { server: 'old', command });
  };
  const after = (sinceMs: number): Measurements => ({
    server: kept.flatMap(({ server }) => server.filter(({ atMs }) => atMs > sinceMs)),
    instances: kept.flatMap(({ instances }) => instances.filter(({ atMs }) => atMs > sinceMs)),
  });
  async function* first(signal: AbortSignal | undefined) {
    for await (const event of measured.follow([], signal)) yield toFirstForm(event);
  }
  return {
    push: (event: Measurements): void => {
      kept.push(event);
      measured.push(event);
    },
    routerOf: (area: Pick<typeof bare, 'since' | 'watch' | 'measuredSince' | 'watchMeasured'>) => ({
      measuredSince: area.measuredSince.handler(({ input }) => {
        missing('monitoring.measuredSince');
        return { ...after(input.sinceMs), isComplete: true };
      }),
      watchMeasured: area.watchMeasured.handler(({ signal }) => {
        missing('monitoring.watchMeasured');
        return measured.follow([], signal);
      }),
      since: area.since.handler(({ input }) => ({ ...toFirstForm(after(input.sinceMs)), isComplete: true })),
      watch: area.watch.handler(({ signal }) => first(signal)),
    }),
  };
}
