import { expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { instanceId, packageId } from '#contract/ids.ts';
import type { JobTable, Step } from '../../engine/job-table.ts';
import { addressOf, createLightWorld, type LightWorld } from '../../testing/light/light-world.ts';
import { faultsOf } from '../../testing/orders/oracle.ts';

type Waits = Readonly<Record<string, number>>;

/** A farm in which these points wait so long (in milliseconds of the farm's time), for whatever else is under way: `<type>.<step>.<before act | after undo>`. */
async function farmThatWaits(waits: Waits) {
  const wait = async (point: string): Promise<void> => {
    const forMs = waits[point];
    if (forMs !== undefined) await new Promise<void>((resolve) => world.clock.after(forMs, resolve));
  };
  const waiting = (table: JobTable): JobTable => ({
    ...table,
    steps: table.steps.map((step): Step => {
      const act: Step['act'] = async (context) => {
        await wait(`${table.type}.${step.name}`);
        return step.act(context);
      };
      const undo: Step['undo'] = async (context) => {
        await step.undo(context);
        await wait(`${table.type}.${step.name}.undone`);
      };
      return { ...step, act, undo };
    }),
    ...(table.begin === undefined
      ? {}
      : {
          begin: {
            ...table.begin,
            refuse: async (asked, planned) => {
              const within = await table.begin?.refuse?.(asked, planned);
              await wait(`${table.type}.refuse`);
              return within;
            },
          },
        }),
  });
  const world: LightWorld = await createLightWorld(1, { tables: (tables) => tables.map(waiting) });
  const { client } = await world.open();
  const { turns, disk } = world;
  const [domain] = disk.domains.find({ name: 'farm.test' });
  if (domain === undefined) throw new Error('no domain');
  const requestKey = world.key;
  const serverId = (name: string) => disk.servers.find({ name })[0]?.id;
  const settled = async ({ id }: JobView): Promise<string | undefined> => {
    await turns.until('it ends', () => world.isSettled(id));
    return disk.jobs.get(id)?.state;
  };
  const begun = (asked: Promise<JobView>): Promise<JobView> => turns.during(asked, 'it begins');
  return {
    world,
    settled,
    begun,
    ended: async (asked: Promise<JobView>) => settled(await begun(asked)),
    create: (name: string, server: 'Oak' | 'Pine') => {
      const id = serverId(server);
      if (id === undefined) throw new Error('no server');
      return client.instances.create({ name, packageId: packageId.parse('static-site'), serverId: id, requestKey: requestKey() });
    },
    remove: (name: string) =>
      client.instances.remove({ instanceId: instanceId.parse(disk.instances.find({ name })[0]?.id), requestKey: requestKey() }),
    keep: () => {
      const id = serverId('Oak');
      if (id === undefined) throw new Error('no server');
      return client.domains.keepWildcard({ domainId: domain.id, serverId: id, requestKey: requestKey() });
    },
    drop: () => client.domains.dropWildcard({ domainId: domain.id, requestKey: requestKey() }),
    undo: ({ id }: JobView) => client.jobs.undo({ jobId: id, requestKey: requestKey() }),
  };
}
const refused = new FarmError('NOT_PERMITTED_BY_OS', { what: 'this' });

test('an undone drop of a wildcard leaves an instance its record, which was placed elsewhere while the drop began', async () => {
  const farm = await farmThatWaits({ 'create.place': 1000, 'drop-wildcard.refuse': 3000, 'create.dns': 10_000 });
  const { world, settled } = farm;
  expect(await farm.ended(farm.keep())).toBe('done');
  const create = await farm.begun(farm.create('anna', 'Pine'));
  void world.at('drop-wildcard.wildcard.before', () => {
    throw refused;
  });
  const drop = await farm.begun(farm.drop());
  expect([await settled(drop), await settled(create)]).toEqual(['stopped', 'done']);
  expect(await farm.ended(farm.undo(drop))).toBe('undone');
  expect(faultsOf(world)).toEqual([]);
});

test('an instance whose create is being undone gets no record by a drop of the wildcard that nobody would take out', async () => {
  const farm = await farmThatWaits({ 'drop-wildcard.save': 2000, 'create.dns.undone': 10_000 });
  const { world, settled } = farm;
  world.agents.get(addressOf('Oak'))?.failNext('edge.putRoute', refused);
  const create = await farm.begun(farm.create('anna', 'Oak'));
  expect(await settled(create)).toBe('stopped');
  expect(await farm.ended(farm.keep())).toBe('done');
  const drop = await farm.begun(farm.drop());
  await farm.begun(farm.undo(create));
  expect([await settled(drop), await settled(create)]).toEqual(['done', 'undone']);
  expect(faultsOf(world)).toEqual([]);
});

test.each(['before', 'after'])(
  'an instance whose removal began %s a drop of the wildcard is found again when it is undone',
  async (when) => {
    const farm = await farmThatWaits(when === 'after' ? { 'drop-wildcard.save': 5000 } : {});
    const { world, settled } = farm;
    expect(await farm.ended(farm.keep())).toBe('done');
    expect(await farm.ended(farm.create('anna', 'Oak'))).toBe('done');
    world.agents.get(addressOf('Oak'))?.failNext('instances.stop', refused);
    const first = when === 'after' ? await farm.begun(farm.drop()) : undefined;
    const remove = await farm.begun(farm.remove('anna'));
    expect(await settled(remove)).toBe('stopped');
    expect(await settled(first ?? (await farm.begun(farm.drop())))).toBe('done');
    expect(await farm.ended(farm.undo(remove))).toBe('undone');
    expect(faultsOf(world)).toEqual([]);
  },
);
