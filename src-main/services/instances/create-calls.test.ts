import { expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createCountingStore, totalOf } from '../../testing/counting-store.ts';
import { createLightWorld } from '../../testing/light/light-world.ts';

/** The second create beside others that were made before: packages and the certificate are on their server. */
async function countSecondCreate() {
  let counting: ReturnType<typeof createCountingStore> | undefined;
  const world = await createLightWorld(1, {
    store: (store) => {
      counting = createCountingStore(store);
      return counting.store;
    },
  });
  const { client } = await world.open();
  const make = async (name: string): Promise<void> => {
    const { id } = await world.turns.during(
      client.instances.create({ name, packageId: packageId.parse('static-site'), requestKey: world.key() }),
      'it begins',
    );
    await world.turns.until('it ends', () => world.isSettled(id));
    expect(world.disk.jobs.get(id)?.state).toBe('done');
    await world.turns.pass(60_000);
  };
  // one on each server, so that the next finds everything there
  for (const name of ['one', 'two']) await make(name);
  const { trace } = world.turns;
  const from = trace.length;
  counting?.reset();
  const { id } = await world.turns.during(
    client.instances.create({ name: 'three', packageId: packageId.parse('static-site'), requestKey: world.key() }),
    'it begins',
  );
  await world.turns.until('it ends', () => world.isSettled(id));
  const asked = trace.slice(from).filter((line) => !line.endsWith(' answered') && !/^(store\.|at )/.test(line));
  return {
    state: world.disk.jobs.get(id)?.state,
    nameServer: asked.filter((line) => line.startsWith('dns.') || line === 'probe'),
    commands: asked.filter((line) => !line.startsWith('dns.') && line !== 'probe').map((line) => line.split(' ')[1]),
    commits: counting?.counts.commits ?? 0,
    reads: totalOf(counting?.counts.reads ?? new Map()),
  };
}

test('a create asks name server, agent and store no more often than it must', async () => {
  const { state, nameServer, commands, commits, reads } = await countSecondCreate();
  expect(state).toBe('done');
  // who holds the name once; what stands there before it is taken, and again before it is written; each name server once, and once as a visitor does
  expect(nameServer).toEqual(['dns.findZone', 'dns.list', 'dns.list', 'dns.apply', 'probe', 'probe']);
  expect(commands.toSorted()).toEqual(
    ['packages.list', 'packages.status', 'instances.create', 'instances.start', 'certificates.list', 'edge.putRoute'].toSorted(),
  );
  // each commit waits for the disk
  expect(commits).toBeLessThanOrEqual(17);
  expect(reads).toBeLessThanOrEqual(102);
});
