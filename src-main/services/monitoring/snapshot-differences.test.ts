import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveSnapshot, Patch } from '#contract/api/monitoring.ts';
import { comparedPerSlice, createDifferences } from './snapshot-differences.ts';

/** Rows that are compared as text: what else stands in a server's does not matter here. */
const snapshotOf = (rooms: Readonly<Record<string, number>>, demoStep: LiveSnapshot['state']['demoStep'] = 'none'): LiveSnapshot => ({
  state: { demoStep, totals: {}, answerSpark: [] } as unknown as LiveSnapshot['state'],
  servers: Object.entries(rooms).map(([id, room]) => ({ id, room }) as unknown as LiveSnapshot['servers'][number]),
  jobs: [],
  alerts: [],
});
const roomsOf = (snapshot: LiveSnapshot): Record<string, number> => Object.fromEntries(snapshot.servers.map(({ id, room }) => [id, room]));
const many = (count: number, room: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`server-${at}`, room]));
const told = (patches: readonly Patch[]): string[] => patches.map((patch) => (patch.table === 'state' ? 'state' : patch.id));

test('a thousand rows are compared in slices: nobody else waits for more of them than one slice', async () => {
  let compared = 0;
  let most = 0;
  const differences = createDifferences(async () => {
    most = Math.max(most, compared);
    compared = 0;
  });
  const count = ({ id, room }: LiveSnapshot['servers'][number]) => {
    compared += 1;
    return { id, room };
  };
  const counted = (room: number): LiveSnapshot => {
    const snapshot = snapshotOf(many(1001, room));
    const rows = snapshot.servers.map((row) => Object.assign(row, { toJSON: () => count(row) }));
    return { ...snapshot, servers: rows };
  };
  await differences(counted(1));
  compared = 0;
  expect(await differences(counted(2))).toHaveLength(1001);
  expect(most).toBe(comparedPerSlice);
});

test('what is told makes the snapshot before into the one after', async () => {
  const rooms = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2));
  await fc.assert(
    fc.asyncProperty(fc.array(rooms, { minLength: 1, maxLength: 6 }), async (all) => {
      const differences = createDifferences(async () => undefined);
      const known: Record<string, number> = {};
      for (const each of all) {
        const after = snapshotOf(each);
        for (const patch of await differences(after)) {
          if (patch.table !== 'servers') continue;
          if (patch.value === null) delete known[patch.id];
          else known[patch.id] = patch.value.room;
        }
        expect(known).toEqual(roomsOf(after));
        expect(await differences(after)).toEqual([]);
      }
    }),
  );
});

test('tells only what changed, and what was cut off is told the next time', async () => {
  let isBroken = false;
  const differences = createDifferences(async () => {
    if (isBroken) throw new Error('cut off');
  });
  await differences(snapshotOf(many(120, 1)));
  isBroken = true;
  await expect(differences(snapshotOf({ ...many(120, 1), 'server-7': 2 }))).rejects.toThrow('cut off');
  isBroken = false;
  expect(told(await differences(snapshotOf({ ...many(120, 1), 'server-7': 2 }, 'agents')))).toEqual(['state', 'server-7']);
});
