import * as z from 'zod';
import { namedInstance, namedServer } from '#contract/agent/first-samples.ts';
import { type InstanceMeasurement, type Measurements, metricValues } from '#contract/agent/monitoring.ts';
import type { MetricValues } from '#contract/catalogue/metrics.ts';

/**
 * One moment as one line: `{"a": instant, "s": {metric: value}, "k": [metric, …], "i": [[instance, value or null, …], …]}`. The names of the instances' values
 * stand once in each line, because there may be many instances and a line must be readable alone: the one before may be torn.
 */
const line = z.object({
  a: z.number(),
  s: metricValues.optional(),
  k: z.array(z.string()),
  i: z.array(z.tuple([z.string()], z.number().nullable())).optional(),
});

/** As agents wrote it before metrics had names: `{"a": instant, "h": [cpu, memory, disk, in, out], "i": [[instance, cpu, memory, health, answer], …]}`. */
const firstLine = z.object({
  a: z.number(),
  h: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
  i: z.array(z.tuple([z.string(), z.number(), z.number(), z.number().nullable(), z.number().nullable()])).optional(),
});

export type Moment = {
  readonly atMs: number;
  /** Absent where no metric of the server could be measured. */
  readonly server: MetricValues | undefined;
  readonly instances: readonly InstanceMeasurement[];
};

export function writeLine({ atMs, server, instances }: Moment): string {
  const k = [...new Set(instances.flatMap(({ values }) => Object.keys(values)))];
  const i = instances.map(({ instanceId, values }) => [instanceId, ...k.map((name) => values[name] ?? null)]);
  return `${JSON.stringify({ a: atMs, ...(server === undefined ? {} : { s: server }), k, ...(i.length === 0 ? {} : { i }) })}\n`;
}

function readFirst(parsed: unknown): Moment {
  const { a: atMs, h, i = [] } = firstLine.parse(parsed);
  const [cpuMillicores, memoryBytes, diskBytes, networkInBytesPerSecond, networkOutBytesPerSecond] = h ?? [0, 0, 0, 0, 0];
  const host = { atMs, cpuMillicores, memoryBytes, diskBytes, networkInBytesPerSecond, networkOutBytesPerSecond };
  return {
    atMs,
    server: h && namedServer(host).values,
    instances: i.map(([instanceId, cpu, memory, health, answerMs]) =>
      namedInstance({ instanceId, atMs, cpuMillicores: cpu, memoryBytes: memory, health, answerMs }),
    ),
  };
}

/** Undefined for a line that was torn by a kill or a full disk: one moment is lost, not the day. */
export function readLine(text: string): Moment | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const named = line.safeParse(parsed);
    if (!named.success) return readFirst(parsed);
    const { a: atMs, s: server, k, i = [] } = named.data;
    const valuesOf = (values: readonly (number | null)[]): MetricValues =>
      Object.fromEntries(
        k.flatMap((name, index): [string, number][] => {
          const value = values[index] ?? null;
          return value === null ? [] : [[name, value]];
        }),
      );
    return { atMs, server, instances: i.map(([instanceId, ...values]) => ({ instanceId, atMs, values: valuesOf(values) })) };
  } catch {
    return undefined;
  }
}

export function measurementsOf(moments: readonly Moment[]): Measurements {
  return {
    server: moments.flatMap(({ atMs, server }) => (server === undefined ? [] : { atMs, values: server })),
    instances: moments.flatMap(({ instances }) => instances),
  };
}
