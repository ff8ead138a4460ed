import { FarmError } from '#contract/errors.ts';
import { applyPlan } from '../../drivers/dns/apply-plan.ts';
import { answerQuestion } from '../../drivers/dns/builtin/answer.ts';
import { apexRecords, indexZone, type ZoneIndex } from '../../drivers/dns/builtin/zone-index.ts';
import { normalizeDnsName, suffixesOf } from '../../model/domains/dns-name.ts';
import type { StoredZone } from '../../ports/dns.ts';
import type { DnsDriver } from '../../ports/dns-writes.ts';
import type { NameEvidence } from '../../ports/probe.ts';

const address = '127.0.0.1';
const server = `${address}:53`;

export type MemoryNameServer = ReturnType<typeof createMemoryNameServer>;

/** A name server without a socket: zones, what a driver does to them, and what it answers. It outlives every core. */
export function createMemoryNameServer(from: readonly StoredZone[] = []) {
  const indexes = new Map<string, ZoneIndex>(from.map((zone) => [zone.name, indexZone(zone, address)]));
  const put = (zone: StoredZone): void => void indexes.set(zone.name, indexZone(zone, address));
  const zoneNamed = (name: string): StoredZone => {
    const index = indexes.get(name);
    if (index === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: name, server });
    return index.zone;
  };
  /** `around` goes round each call. */
  const driver = (kind: string, around: <Answer>(call: string, work: () => Promise<Answer>) => Promise<Answer>): DnsDriver => {
    const list: DnsDriver['list'] = async (zone, filter = {}) =>
      [...apexRecords(zoneNamed(zone.name), address), ...zoneNamed(zone.name).records].filter(
        (set) => (filter.name === undefined || set.name === filter.name) && (filter.type === undefined || set.type === filter.type),
      );
    const findZone = async (fqdn: string) => {
      const name = suffixesOf(normalizeDnsName(fqdn)).find((suffix) => indexes.has(suffix));
      if (name === undefined) throw new FarmError('DNS_ZONE_MISSING', { domain: normalizeDnsName(fqdn), server });
      return { name, id: name };
    };
    return {
      kind,
      capabilities: { minTtlSeconds: 0, maxTtlSeconds: 2 ** 31 - 1, isImmediate: true, canCreateZone: kind === 'builtin' },
      findZone: (fqdn) => around('dns.findZone', () => findZone(fqdn)),
      list: (zone, filter) => around('dns.list', () => list(zone, filter)),
      apply: (zone, plan) =>
        around('dns.apply', () =>
          applyPlan(plan, {
            server,
            read: async () => (await list(zone, { name: plan.name, type: plan.type }))[0],
            write: async (after) => {
              const stored = zoneNamed(zone.name);
              const others = stored.records.filter((set) => set.name !== plan.name || set.type !== plan.type);
              put({ ...stored, serial: stored.serial + 1, records: after === undefined ? others : [...others, after] });
            },
          }),
        ),
      authoritativeServers: async (zone) => [{ name: `ns1.${zoneNamed(zone.name).name}`, addresses: [address], port: 53 }],
      createZone: (fqdn) =>
        around('dns.createZone', async () => {
          const name = normalizeDnsName(fqdn);
          if (!indexes.has(name)) put({ name, serial: 1, records: [] });
          return { name, id: name };
        }),
      reach: async () => ({ kind: 'own' }),
      faults: async () => [],
      ...(kind === 'builtin'
        ? { removeZone: (fqdn) => around('dns.removeZone', async () => void indexes.delete(normalizeDnsName(fqdn))) }
        : {}),
      close: async () => undefined,
    };
  };
  const answer = (asked: string): NameEvidence => {
    const name = asked.toLowerCase();
    const said = (['A', 'AAAA'] as const).map((type) => answerQuestion(indexes, name, type));
    const addresses = said.flatMap(({ answers }) => answers.flatMap(({ type, values }) => (type === 'A' || type === 'AAAA' ? values : [])));
    const rcode = said[0]?.rcode ?? 'REFUSED';
    return {
      server,
      addresses: [...new Set(addresses)].toSorted(),
      outcome: addresses.length === 0 && rcode === 'NOERROR' ? 'NODATA' : rcode,
      durationMs: 1,
    };
  };
  return {
    driver,
    answer,
    zones: (): readonly StoredZone[] => [...indexes.values()].map(({ zone }) => zone),
    /** Somebody else makes a zone there. */
    put,
  };
}
