import { readdirSync, readFileSync } from 'node:fs';

/** Memory of one process now, in MB (proc(5): VmRSS). */
export const memoryMb = (processId: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;

/** CPU time of one process so far, in seconds, to the nanosecond: ticks of 10 ms are too coarse for something that idles. */
export function cpuSeconds(processId: number): number {
  const threads = readdirSync(`/proc/${processId}/task`);
  return threads.reduce((sum, id) => {
    try {
      return sum + Number(readFileSync(`/proc/${processId}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
    } catch {
      return sum; // a thread that has just ended
    }
  }, 0);
}
