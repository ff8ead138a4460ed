import type { HostOs, ProcessIdentity } from '../os/host-os.ts';

type Count = { total: number; byProcess: ReadonlyMap<number, number> };

/** What the processes of each instance have written, since it was asked first; of one that ended, what it had written when it was last asked. */
export function createWrittenCount(
  os: Pick<HostOs, 'transfer'>,
  writersOf: (instanceId: string) => readonly ProcessIdentity[],
): {
  readonly of: (instanceId: string) => number;
  readonly keepOnly: (instanceIds: ReadonlySet<string>) => void;
} {
  const counts = new Map<string, Count>();
  return {
    of: (instanceId) => {
      const count = counts.get(instanceId) ?? { total: 0, byProcess: new Map() };
      const now = new Map<number, number>();
      for (const writer of writersOf(instanceId)) {
        const outBytes = os.transfer(writer)?.outBytes;
        if (outBytes === undefined) continue;
        now.set(writer.processId, outBytes);
        const before = count.byProcess.get(writer.processId) ?? 0;
        // A smaller number is another process of that number.
        count.total += outBytes >= before ? outBytes - before : outBytes;
      }
      count.byProcess = now;
      counts.set(instanceId, count);
      return count.total;
    },
    keepOnly: (instanceIds) => {
      for (const instanceId of counts.keys()) if (!instanceIds.has(instanceId)) counts.delete(instanceId);
    },
  };
}
