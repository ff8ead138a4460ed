import * as z from 'zod';
import type { HostSample, InstanceSample, Samples } from '#contract/agent/monitoring.ts';

/**
 * One moment as one line: `{"a": instant, "h": [cpu, memory, disk, in, out], "i": [[instance, cpu, memory, health, answer], …]}`. Whole numbers,
 * because a line is kept for a day and there are many.
 */
const line = z.object({
  a: z.number(),
  h: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
  i: z.array(z.tuple([z.string(), z.number(), z.number(), z.number().nullable(), z.number().nullable()])).optional(),
});

export type Moment = { readonly atMs: number; readonly host: HostSample | undefined; readonly instances: readonly InstanceSample[] };

export function writeLine({ atMs, host, instances }: Moment): string {
  const h = host && [
    Math.round(host.cpuMillicores),
    host.memoryBytes,
    host.diskBytes,
    Math.round(host.networkInBytesPerSecond),
    Math.round(host.networkOutBytesPerSecond),
  ];
  const i = instances.map((one) => [one.instanceId, Math.round(one.cpuMillicores), one.memoryBytes, one.health, one.answerMs]);
  return `${JSON.stringify({ a: atMs, ...(h === undefined ? {} : { h }), ...(i.length === 0 ? {} : { i }) })}\n`;
}

/** Undefined for a line that was torn by a kill or a full disk: one moment is lost, not the day. */
export function readLine(text: string): Moment | undefined {
  try {
    const { a, h, i } = line.parse(JSON.parse(text));
    return {
      atMs: a,
      host: h && {
        atMs: a,
        cpuMillicores: h[0],
        memoryBytes: h[1],
        diskBytes: h[2],
        networkInBytesPerSecond: h[3],
        networkOutBytesPerSecond: h[4],
      },
      instances: (i ?? []).map(([instanceId, cpuMillicores, memoryBytes, health, answerMs]) => ({
        instanceId,
        atMs: a,
        cpuMillicores,
        memoryBytes,
        health,
        answerMs,
      })),
    };
  } catch {
    return undefined;
  }
}

export function samplesOf(moments: readonly Moment[]): Samples {
  return { host: moments.flatMap(({ host }) => host ?? []), instances: moments.flatMap(({ instances }) => instances) };
}
