import type { DnsReads, OpenedDns } from '../../ports/dns.ts';
import type { DnsDriver, DnsWrites, DnsWritesOf } from '../../ports/dns-writes.ts';

/**
 * Drivers that only look, and the way from what looks to what writes with the same driver. Whoever is given what `open` answers with alone can change
 * nothing: the writing calls are not there. `open` throws what `create` throws.
 */
export function splitDrivers<Asked extends unknown[]>(
  create: (...asked: Asked) => Promise<DnsDriver>,
): { readonly open: (...asked: Asked) => Promise<OpenedDns>; readonly writesOf: DnsWritesOf } {
  const writes = new WeakMap<DnsReads, DnsWrites>();
  return {
    open: async (...asked) => {
      const driver = await create(...asked);
      const { kind, capabilities, findZone, list, authoritativeServers, reach, faults, close, silentSinceMs } = driver;
      const looks = { kind, capabilities, findZone, list, authoritativeServers, reach, faults, close };
      const reads: OpenedDns = { ...looks, ...(silentSinceMs === undefined ? {} : { silentSinceMs }) };
      const { apply, createZone, removeZone } = driver;
      writes.set(reads, { apply, createZone, ...(removeZone === undefined ? {} : { removeZone }) });
      return reads;
    },
    writesOf: (reads) => {
      const found = writes.get(reads);
      if (found === undefined) throw new Error(`this driver (${reads.kind}) was not opened here`);
      return found;
    },
  };
}
