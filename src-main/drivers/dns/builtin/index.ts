import { createQueue } from '#kit/keyed-queue.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { normalizeDnsName, suffixesOf } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { DnsPlan } from '../../../model/domains/plan-change.ts';
import type { DnsCall, DnsZone, StoredZone } from '../../../ports/dns.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { applyPlan } from '../apply-plan.ts';
import type { DnsDriverContext } from '../driver-context.ts';
import { type ZoneChange, zoneAfter, zoneOf } from './zone-changes.ts';
import { apexRecords } from './zone-index.ts';

/** RFC 1982: serial numbers are 32 bits wide and start again after that. */
const serialLimit = 2 ** 32;

/**
 * An authoritative name server of our own, for demo farms and tests, driven like any other. What answers questions is `openServer`'s: in the program a
 * process of its own (`process/`), so that no stranger's message is read where the farm's truth and keys are. It listens from the moment that this
 * resolves until `close`. Throws `PORT_TAKEN`, `HOME_HALF_WRITTEN` when its zones cannot be read, `PROGRAM_DAMAGED` and `NOT_PERMITTED_BY_OS` when the
 * process cannot be started.
 */
export async function createBuiltinDriver(
  { address, port }: { readonly address: string; readonly port: number },
  { zoneStorage, openServer, timeoutMs }: Pick<DnsDriverContext, 'zoneStorage' | 'openServer' | 'timeoutMs'>,
): Promise<DnsDriver> {
  const zones = new Map((await zoneStorage.load()).map((zone) => [zone.name, zone]));
  const nameServer = await openServer({ address, port, zones: () => [...zones.values()] });
  const server = `${address}:${nameServer.port}`;
  // One writer at a time: record sets are read, merged and written, and two merges at once would lose one.
  const queued = createQueue();

  const zoneNamed = (name: string): StoredZone => {
    const zone = zones.get(name);
    if (zone === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: name, server });
    return zone;
  };
  const list: DnsDriver['list'] = async (zone, filter = {}, call) => {
    call?.signal?.throwIfAborted();
    const stored = zoneNamed(zone.name);
    return [...apexRecords(stored, address), ...stored.records].filter(
      (set) => (filter.name === undefined || set.name === filter.name) && (filter.type === undefined || set.type === filter.type),
    );
  };
  /** Saved first, told after: nobody is told a name that a crash would take back, and whoever answers next begins with what was saved. */
  const change = async (step: ZoneChange): Promise<void> => {
    const name = zoneOf(step);
    const after = zoneAfter(zones.get(name), step);
    const others = [...zones.values()].filter((zone) => zone.name !== name);
    await zoneStorage.save(after === undefined ? others : [...others, after]);
    if (after === undefined) zones.delete(name);
    else zones.set(name, after);
    nameServer.tell(step);
  };
  /** What was saved stands once questions are answered from it: also what an earlier call saved, and did not see answered. */
  const untilAnswered = async (domain: string, name: string, call: DnsCall | undefined): Promise<void> => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      await nameServer.caughtUp(call?.signal === undefined ? late : AbortSignal.any([late, call.signal]));
    } catch (error) {
      call?.signal?.throwIfAborted();
      if (!late.aborted) throw error;
      throw new FarmError('DNS_SLOW', { domain, name, server, seconds: timeoutMs / 1000 });
    }
  };
  const write = (stored: StoredZone, { name, type }: DnsPlan, set: RecordSet | undefined): Promise<void> =>
    change({ kind: 'set', zone: stored.name, serial: (stored.serial + 1) % serialLimit, name, type, set });
  return {
    kind: 'builtin',
    capabilities: { minTtlSeconds: 0, maxTtlSeconds: 2 ** 31 - 1, isImmediate: true, canCreateZone: true },
    findZone: async (fqdn, call): Promise<DnsZone> => {
      call?.signal?.throwIfAborted();
      const name = suffixesOf(normalizeDnsName(fqdn)).find((suffix) => zones.has(suffix));
      if (name === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: normalizeDnsName(fqdn), server });
      return { name, id: name };
    },
    list,
    // one queue for all: every write saves every zone
    apply: async (zone, plan, call) => {
      await queued(() =>
        applyPlan(plan, {
          server,
          read: async () => (await list(zone, { name: plan.name, type: plan.type }, call))[0],
          write: (after) => write(zoneNamed(zone.name), plan, after),
        }),
      );
      await untilAnswered(zone.name, plan.name, call);
    },
    authoritativeServers: async (zone, call) => {
      call?.signal?.throwIfAborted();
      return [{ name: `ns1.${zoneNamed(zone.name).name}`, addresses: [address], port: nameServer.port }];
    },
    createZone: async (fqdn, _nameServers, call) => {
      call?.signal?.throwIfAborted();
      const name = normalizeDnsName(fqdn);
      await queued(async () => {
        if (!zones.has(name)) await change({ kind: 'zone', zone: { name, serial: 1, records: [] } });
      });
      await untilAnswered(name, name, call);
      return { name, id: name };
    },
    reach: async (zone, call) => {
      call?.signal?.throwIfAborted();
      zoneNamed(zone.name);
      return { kind: 'own' };
    },
    faults: async (zone, call) => {
      call?.signal?.throwIfAborted();
      zoneNamed(zone.name);
      return nameServer.silentSinceMs() === undefined ? [] : ['not-answering'];
    },
    removeZone: async (fqdn, call) => {
      call?.signal?.throwIfAborted();
      const name = normalizeDnsName(fqdn);
      await queued(async () => {
        if (zones.has(name)) await change({ kind: 'drop', zone: name });
      });
      await untilAnswered(name, name, call);
    },
    silentSinceMs: nameServer.silentSinceMs,
    close: nameServer.close,
  };
}

/** The same on the first of the context's ports that is free. Throws `PORT_TAKEN` when none is. */
export async function createBuiltinOnFreePort(
  context: Pick<DnsDriverContext, 'zoneStorage' | 'openServer' | 'timeoutMs' | 'listen'>,
): Promise<DnsDriver> {
  const { address, ports } = context.listen;
  let taken: unknown;
  for (const port of ports) {
    try {
      return await createBuiltinDriver({ address, port }, context);
    } catch (error) {
      if (!isFarmError(error, 'PORT_TAKEN')) throw error;
      taken = error;
    }
  }
  throw taken ?? new FarmError('PORT_TAKEN', { port: 0, owner: '' });
}
