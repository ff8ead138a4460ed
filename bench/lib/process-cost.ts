import { readdirSync, readFileSync } from 'node:fs';

/** Memory of one process now, in MB (proc(5): VmRSS). */
export const memoryMb = (processId: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;

/** Memory of processes of one program, in MB: what is each one's own, and what they share of files (the program itself) once. */
export function memoryTogetherMb(processIds: readonly number[]): number {
  const all = processIds.map((processId) => {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    const of = (what: string): number => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
    return { own: of('RssAnon') + of('RssShmem'), files: of('RssFile') };
  });
  return all.reduce((sum, { own }) => sum + own, 0) + Math.max(...all.map(({ files }) => files));
}

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
