import type { InstanceSpec } from '#contract/agent/instances.ts';
import type { InstanceLimits } from '../os/limits.ts';

const mebibyte = 2 ** 20;
/** Less than this no runtime starts in, and nothing can be set up in: a plan that says less gets this much. */
const leastMemoryBytes = 64 * mebibyte;
const leastDiskBytes = 64 * mebibyte;
/** Processes and threads: Node begins with eleven, a pool of workers adds some. */
const mostProcesses = 256;
/** Every visitor of an event stream is one. */
const mostOpenFiles = 8192;
/** What a Node process takes beside its heap. */
const besideHeapBytes = 64 * mebibyte;
/** From here on it is ended: a tenth above its plan. */
const endShare = 1.1;

/** What the plan of an instance allows it. */
export function limitsOf({ limits: { memoryBytes, cpuMillicores, diskBytes } }: InstanceSpec): InstanceLimits {
  return {
    memoryBytes: Math.max(leastMemoryBytes, memoryBytes),
    cpuMillicores: Math.max(1, cpuMillicores),
    processes: mostProcesses,
    openFiles: mostOpenFiles,
    fileBytes: Math.max(leastDiskBytes, diskBytes),
  };
}

/** Where the disk of an instance ends: a tenth above its plan; `grantedBytes` is what it had when a person started it all the same. */
export function diskEndBytes(spec: InstanceSpec, grantedBytes = 0): number {
  const planBytes = Math.max(leastDiskBytes, spec.limits.diskBytes);
  return Math.max(planBytes * endShare, grantedBytes + planBytes * (endShare - 1));
}

/**
 * What Node is told of its memory: it clears up before its heap reaches this, and ends with a word of its own when it cannot. Everywhere, so that where
 * nothing else bounds memory the heap at least is bounded.
 */
export function heapOption({ memoryBytes }: InstanceLimits): string {
  const heapBytes = Math.max(memoryBytes / 2, memoryBytes - besideHeapBytes);
  return `--max-old-space-size=${Math.floor(heapBytes / mebibyte)}`;
}
