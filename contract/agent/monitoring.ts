import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { command } from './base.ts';

/** Values by the metric's name in `catalogue/metrics.ts`, in the row's unit. A name that is not there was not measured; unknown names are ignored. */
export const metricValues = z.record(z.string(), z.number());

/** One look at the server. Instants in UTC milliseconds of the agent's clock. */
export const serverMeasurement = z.object({ atMs: z.number(), values: metricValues });
export type ServerMeasurement = z.infer<typeof serverMeasurement>;
export const instanceMeasurement = serverMeasurement.extend({ instanceId: z.string() });
export type InstanceMeasurement = z.infer<typeof instanceMeasurement>;

export const measurements = z.object({ server: z.array(serverMeasurement), instances: z.array(instanceMeasurement) });
export type Measurements = z.infer<typeof measurements>;

/** The first form, with a field for each metric: what cores and agents without names for metrics send. Frozen; `first-samples.ts` translates. */
export const hostSample = z.object({
  atMs: z.number(),
  cpuMillicores: z.number(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  networkInBytesPerSecond: z.number(),
  networkOutBytesPerSecond: z.number(),
});
export type HostSample = z.infer<typeof hostSample>;

export const instanceSample = z.object({
  instanceId: z.string(),
  atMs: z.number(),
  cpuMillicores: z.number(),
  memoryBytes: z.number(),
  /** 1 healthy, 0 not, null not asked. */
  health: z.number().nullable(),
  answerMs: z.number().nullable(),
});
export type InstanceSample = z.infer<typeof instanceSample>;

export const samples = z.object({ host: z.array(hostSample), instances: z.array(instanceSample) });
export type Samples = z.infer<typeof samples>;

const page = z.object({ sinceMs: z.number(), limit: z.number().int().min(1).max(5000) });

export const monitoring = {
  /** From the ring on disk (24 h): everything after `sinceMs`, oldest first, at most `limit` of the server; ask again from the last. */
  measuredSince: command.input(page).output(measurements.extend({ isComplete: z.boolean() })),
  /** New measurements as they are taken. */
  watchMeasured: command.output(eventIterator(measurements)),
  /** `measuredSince` in the first form, for cores that do not know it. */
  since: command.input(page).output(samples.extend({ isComplete: z.boolean() })),
  /** `watchMeasured` in the first form. */
  watch: command.output(eventIterator(samples)),
};
