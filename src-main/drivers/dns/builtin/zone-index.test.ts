import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredZone } from '../../../ports/dns.ts';
import { zoneAfter } from './zone-changes.ts';
import { indexZone, reindexZone } from './zone-index.ts';

const names = ['farm.example', 'ns1.farm.example', 'a.farm.example', 'b.a.farm.example', '*.c.farm.example', 'd.e.farm.example'];

test('an index that follows changes is that of the zone after them', () => {
  const step = fc.record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom('A', 'NS', 'TXT'),
    isThere: fc.boolean(),
    value: fc.ipV4(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let zone: StoredZone = { name: 'farm.example', serial: 1, records: [] };
      let index = indexZone(zone, '127.0.0.1');
      for (const { name, type, isThere, value } of steps) {
        const set = isThere ? { name, type, ttlSeconds: 60, values: [value] } : undefined;
        const after = zoneAfter(zone, { kind: 'set', zone: zone.name, serial: zone.serial + 1, name, type, set });
        if (after === undefined) throw new Error('no zone');
        zone = after;
        index = reindexZone(index, zone, '127.0.0.1', { name, type });
        expect(index).toEqual(indexZone(zone, '127.0.0.1'));
      }
    }),
    { numRuns: 300 },
  );
});
