import { expect } from 'vitest';
import type { Store, StoredSample } from '../../ports/store.ts';
import { farmId } from './example-rows.ts';
import type { Migration } from './migrate.ts';
import { migrations } from './migrations/index.ts';

const server = (n: number, values: StoredSample['values']): StoredSample => ({
  farmId,
  serverId: 'server',
  subjectId: 'server',
  atMs: 1_800_000_000_000 + n * 5000,
  agentAtMs: 1_800_000_000_000 + n * 5000,
  clockOffsetMs: 0,
  values,
});
const instance = (n: number, values: StoredSample['values']): StoredSample => ({ ...server(n, values), subjectId: 'instance' });
/** As the program wrote them before metrics had names, nulls included. */
const before = (text: string): StoredSample['values'] => JSON.parse(text);

/** Half of the server, half of an instance, as the program stored them before metrics had names. */
export function firstSamples(count: number): StoredSample[] {
  const host =
    '{"cpuMillicores":1234,"memoryBytes":8589934592,"diskBytes":137438953472,"networkInBytesPerSecond":20480,"networkOutBytesPerSecond":102400}';
  const own = '{"cpuMillicores":120,"memoryBytes":150000000,"health":1,"answerMs":3.5}';
  return Array.from({ length: count }, (_, n) => (n % 2 === 0 ? server(n, before(host)) : instance(n, before(own))));
}

/** The same by name. */
export function laterSamples(count: number): StoredSample[] {
  const host = { cpu: 1234, memory: 8_589_934_592, disk: 137_438_953_472, networkIn: 20_480, networkOut: 102_400 };
  const own = { cpu: 120, memory: 150_000_000, health: 1, answer: 3.5 };
  return Array.from({ length: count }, (_, n) => (n % 2 === 0 ? server(n, host) : instance(n, own)));
}

/** What every store's migration must do; `open` opens the same store each time. */
export async function keepsSamplesByName(open: (more: { readonly migrations?: readonly Migration[] }) => Promise<Store>): Promise<void> {
  const old = await open({
    migrations: migrations.slice(
      0,
      migrations.findIndex(({ name }) => name === '0006-named-metrics'),
    ),
  });
  await old.samples.add([
    ...firstSamples(4),
    instance(9, before('{"cpuMillicores":0,"memoryBytes":7,"health":null,"answerMs":null}')),
    instance(11, before('{"cpuMillicores":0,"memoryBytes":7,"health":0,"answerMs":null}')),
  ]);
  await old.close();
  const now = await open({});
  const [until, later] = [Number.MAX_SAFE_INTEGER, laterSamples(4)];
  expect(await now.samples.range('server', 0, until)).toEqual([later[0], later[2]]);
  expect(await now.samples.range('instance', 0, until)).toEqual([
    later[1],
    later[3],
    // Never a zero where nothing was measured.
    instance(9, { cpu: 0, memory: 7 }),
    instance(11, { cpu: 0, memory: 7, health: 0 }),
  ]);
  // A metric that nobody knew when the store was made.
  await now.samples.add([server(99, { gpu: 5 })]);
  expect((await now.samples.range('server', 0, until)).at(-1)).toEqual(server(99, { gpu: 5 }));
  await now.close();
}
