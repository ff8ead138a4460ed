import { expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createCountingStore } from '../../testing/counting-store.ts';
import { createLightWorld } from '../../testing/light/light-world.ts';

test('a thousand changes of one server at once are no thousand reads of its row, and what is shown is the last of them', async () => {
  let counting: ReturnType<typeof createCountingStore> | undefined;
  const world = await createLightWorld(1, {
    store: (store) => {
      counting = createCountingStore(store);
      return counting.store;
    },
  });
  const { turns, disk } = world;
  const { client, core } = await world.open();
  const { id } = await turns.during(
    client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: world.key() }),
    'it begins',
  );
  await turns.until('it ends', () => world.isSettled(id));
  await turns.pass(60_000);
  const serverName = async (): Promise<string | undefined> =>
    (await turns.during(client.instances.find({ name: 'anna' }), 'it is found')).server?.name;
  const { serverId } = disk.instances.find({})[0] ?? {};
  const announce = (): void => core.changes.announce({ kind: 'server', id: serverId ?? '' });
  const store = counting?.store;
  const rename = async (name: string) => turns.during(store?.servers.patch(serverId ?? '', { name }) ?? Promise.reject(), 'it is renamed');

  await rename('Elm');
  counting?.reset();
  for (let n = 0; n < 1000; n += 1) announce();
  await rename('Ash');
  // while the first is being read, or after it
  announce();
  await turns.still();
  expect(await serverName()).toBe('Ash');
  // others read it as well, each once
  expect(counting?.counts.reads.get('servers.get')).toBeLessThan(10);
});
