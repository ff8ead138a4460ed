import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { command } from './base.ts';

/** One measurement of the host. Instants in UTC milliseconds of the agent's clock. Used amounts, with the capacity they belong to. */
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

export const monitoring = {
  /** From the ring on disk (24 h): everything after `sinceMs`, oldest first, at most `limit` host samples; ask again from the last. */
  since: command
    .input(z.object({ sinceMs: z.number(), limit: z.number().int().min(1).max(5000) }))
    .output(samples.extend({ isComplete: z.boolean() })),
  /** New samples as they are taken. */
  watch: command.output(eventIterator(samples)),
};
