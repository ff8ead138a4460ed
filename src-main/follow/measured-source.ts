import { fromFirstForm } from '#contract/agent/first-samples.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import { isFarmError } from '#contract/errors.ts';
import type { AgentReads } from '../ports/agent-link.ts';

export type MeasuredPage = Measurements & { readonly isComplete: boolean };
/** What one agent measures, by the metrics' names, whatever form its version sends. Both end with the signal, and throw as any command does. */
export type MeasuredSource = {
  readonly since: (sinceMs: number) => Promise<MeasuredPage>;
  readonly watch: () => Promise<AsyncIterable<Measurements>>;
};

async function* renamed(samples: Awaited<ReturnType<AgentReads['monitoring']['watch']>>): AsyncGenerator<Measurements, void, void> {
  for await (const event of samples) yield fromFirstForm(event);
}

/** Agents of before metrics had names send the first form; they are asked in it, and what they cannot know is absent. */
export async function openMeasuredSource(
  { monitoring }: Pick<AgentReads, 'monitoring'>,
  limit: number,
  signal: AbortSignal,
  sinceMs: number,
): Promise<{ readonly source: MeasuredSource; readonly first: MeasuredPage }> {
  const named: MeasuredSource = {
    since: (since) => monitoring.measuredSince({ sinceMs: since, limit }, { signal }),
    watch: () => monitoring.watchMeasured(undefined, { signal }),
  };
  const before: MeasuredSource = {
    since: async (since) => {
      const { isComplete, ...samples } = await monitoring.since({ sinceMs: since, limit }, { signal });
      return { ...fromFirstForm(samples), isComplete };
    },
    watch: async () => renamed(await monitoring.watch(undefined, { signal })),
  };
  try {
    return { source: named, first: await named.since(sinceMs) };
  } catch (error) {
    if (!isFarmError(error, 'COMMAND_MISSING')) throw error;
    return { source: before, first: await before.since(sinceMs) };
  }
}
