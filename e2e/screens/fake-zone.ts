import { ORPCError } from '@orpc/server';
import type { DomainInspection } from '#contract/api/domains.ts';
import type { Farm } from '#contract/testing/made-up-farm/farms.ts';
import { NOW_MS, SECOND_MS } from '#contract/testing/made-up-farm/numbers.ts';

const clean: Omit<DomainInspection, 'advice' | 'reach'> = {
  askedAtMs: NOW_MS - 4 * SECOND_MS,
  hiding: [],
  hidingCount: 0,
  differences: [],
  differenceCount: 0,
  faults: [],
};

/** A zone in which others work too: a wildcard that leads away, names that hide it, records that are not as they should be. */
const busy: DomainInspection = {
  ...clean,
  wildcard: {
    name: '*.farm.example',
    leads: [
      { type: 'A', value: '203.0.113.24', serverName: 'Hazel' },
      { type: 'A', value: '198.51.100.80' },
    ],
  },
  hiding: [
    { name: '_acme-challenge.shop.farm.example', found: 'TXT gfj9Xq…Rg85nM', hides: 'shop.farm.example' },
    { name: 'mail.farm.example', found: 'A 198.51.100.25; MX 10 mail.farm.example', hides: 'mail.farm.example' },
  ],
  hidingCount: 2,
  differences: [
    { code: 'missing', instanceName: 'anna', host: 'anna.farm.example', found: '', expected: '203.0.113.24' },
    { code: 'different', instanceName: 'boris', host: 'boris.farm.example', found: 'CNAME parked.example', expected: '203.0.113.24' },
  ],
  differenceCount: 9,
  advice: { code: 'many-servers', parameters: { servers: 3 } },
  reach: { kind: 'whole-server', otherZones: 14 },
};

/** What the made-up farm's name server says of its zone. */
export function inspectionOf(farm: Farm): DomainInspection {
  if (farm.isZoneSilent)
    throw new ORPCError('DNS_SLOW', {
      status: 504,
      data: { domain: 'farm.example', name: 'farm.example', server: 'ns1.farm.example', seconds: 5 },
    });
  if (farm.farm?.isDemo === true)
    return { ...clean, advice: { code: 'own-server', parameters: {} }, reach: { kind: 'own', otherZones: 0 } };
  if (farm.instances.length > 1000)
    return {
      ...clean,
      wildcard: { name: '*.farm.example', leads: [{ type: 'A', value: '203.0.113.24', serverName: 'Alder' }] },
      advice: { code: 'wildcard-kept', parameters: { server: 'Alder', wildcard: '*.farm.example' } },
      reach: { kind: 'zone', otherZones: 0 },
    };
  if (farm.alerts.length > 1) return busy;
  const [server] = farm.servers;
  return {
    ...clean,
    advice: { code: 'wildcard-would-do', parameters: { server: server?.name ?? 'Hazel', addresses: '203.0.113.24' } },
    reach: { kind: 'whole-server', otherZones: 0 },
  };
}
