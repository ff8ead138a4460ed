import { createQueue } from '#kit/keyed-queue.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { normalizeDnsName, suffixesOf } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { DnsZone, DnsZoneStorage, StoredZone } from '../../../ports/dns.ts';
import type { DnsDriver } from '../../../ports/dns-writes.ts';
import { applyPlan } from '../apply-plan.ts';
import type { DnsDriverContext } from '../driver-context.ts';
import { startNameServer } from './name-server.ts';
import { apexRecords, indexZone, type ZoneIndex } from './zone-index.ts';

/** RFC 1982: serial numbers are 32 bits wide and start again after that. */
const serialLimit = 2 ** 32;

/**
 * An authoritative name server of our own, for demo farms and tests, driven like any other. It listens from the moment that
 * this resolves until `close`. Throws `PORT_TAKEN`, and `HOME_HALF_WRITTEN` when its zones cannot be read.
 */
export async function createBuiltinDriver(
  credentials: { readonly address: string; readonly port: number },
  context: Pick<DnsDriverContext, 'zoneStorage'>,
): Promise<DnsDriver> {
  const zones = await openZones(context.zoneStorage, credentials.address);
  const nameServer = await startNameServer({ address: credentials.address, port: credentials.port, zones: zones.indexes });
  const server = `${credentials.address}:${nameServer.port}`;
  // One writer at a time: record sets are read, merged and written, and two merges at once would lose one.
  const inTurn = createQueue();

  const zoneNamed = (name: string): StoredZone => {
    const index = zones.indexes().get(name);
    if (index === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: name, server });
    return index.zone;
  };
  const list: DnsDriver['list'] = async (zone, filter = {}, call) => {
    call?.signal?.throwIfAborted();
    const stored = zoneNamed(zone.name);
    return [...apexRecords(stored, credentials.address), ...stored.records].filter(
      (set) => (filter.name === undefined || set.name === filter.name) && (filter.type === undefined || set.type === filter.type),
    );
  };
  return {
    kind: 'builtin',
    capabilities: { minTtlSeconds: 0, maxTtlSeconds: 2 ** 31 - 1, isImmediate: true, canCreateZone: true },
    findZone: async (fqdn, call): Promise<DnsZone> => {
      call?.signal?.throwIfAborted();
      const name = suffixesOf(normalizeDnsName(fqdn)).find((suffix) => zones.indexes().has(suffix));
      if (name === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: normalizeDnsName(fqdn), server });
      return { name, id: name };
    },
    list,
    // one queue for all: every write saves every zone
    apply: (zone, plan, call) =>
      inTurn(() =>
        applyPlan(plan, {
          server,
          read: async () => (await list(zone, { name: plan.name, type: plan.type }, call))[0],
          write: (after) => zones.put(changed(zoneNamed(zone.name), plan.name, plan.type, after)),
        }),
      ),
    authoritativeServers: async (zone, call) => {
      call?.signal?.throwIfAborted();
      return [{ name: `ns1.${zoneNamed(zone.name).name}`, addresses: [credentials.address], port: nameServer.port }];
    },
    createZone: (fqdn, _nameServers, call) =>
      inTurn(async () => {
        call?.signal?.throwIfAborted();
        const name = normalizeDnsName(fqdn);
        if (!zones.indexes().has(name)) await zones.put({ name, serial: 1, records: [] });
        return { name, id: name };
      }),
    reach: async (zone, call) => {
      call?.signal?.throwIfAborted();
      zoneNamed(zone.name);
      return { kind: 'own' };
    },
    faults: async (zone, call) => {
      call?.signal?.throwIfAborted();
      zoneNamed(zone.name);
      return [];
    },
    removeZone: (fqdn, call) =>
      inTurn(async () => {
        call?.signal?.throwIfAborted();
        const name = normalizeDnsName(fqdn);
        if (zones.indexes().has(name)) await zones.drop(name);
      }),
    close: nameServer.close,
  };
}

/** The same on the first of the context's ports that is free. Throws `PORT_TAKEN` when none is. */
export async function createBuiltinOnFreePort(context: Pick<DnsDriverContext, 'zoneStorage' | 'listen'>): Promise<DnsDriver> {
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

type Zones = {
  readonly indexes: () => ReadonlyMap<string, ZoneIndex>;
  readonly put: (zone: StoredZone) => Promise<void>;
  readonly drop: (name: string) => Promise<void>;
};

async function openZones(storage: DnsZoneStorage, address: string): Promise<Zones> {
  const indexes = new Map((await storage.load()).map((zone) => [zone.name, indexZone(zone, address)]));
  const others = (name: string): StoredZone[] => [...indexes.values()].map((index) => index.zone).filter((other) => other.name !== name);
  return {
    indexes: () => indexes,
    /** Saved first, answered after: nobody is told a name that a crash would take back. */
    put: async (zone) => {
      await storage.save([...others(zone.name), zone]);
      indexes.set(zone.name, indexZone(zone, address));
    },
    drop: async (name) => {
      await storage.save(others(name));
      indexes.delete(name);
    },
  };
}

function changed(zone: StoredZone, name: string, type: string, after: RecordSet | undefined): StoredZone {
  const others = zone.records.filter((set) => set.name !== name || set.type !== type);
  return { ...zone, serial: (zone.serial + 1) % serialLimit, records: after === undefined ? others : [...others, after] };
}
