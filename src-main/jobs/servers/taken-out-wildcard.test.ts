import { beforeEach, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { addressOf, createLightWorld, type LightClient, type LightWorld } from '../../testing/light/light-world.ts';
import { addressesAt, type Place } from '../../testing/light/places.ts';

/** A job that stands still has taken a wildcard out of the farm's list, and undone it leads to its server again, at the addresses of then. */
let world: LightWorld;
let client: LightClient;
const notPermitted = new FarmError('NOT_PERMITTED_BY_OS', { what: 'this' });

beforeEach(async () => {
  world = await createLightWorld(1);
  ({ client } = await world.open());
});

const answered = <Answer>(asked: Promise<Answer>): Promise<Answer> => world.turns.during(asked, 'it is answered');
async function ended(begun: Promise<JobView>): Promise<{ readonly id: JobView['id']; readonly state: string | undefined }> {
  const { id } = await answered(begun);
  await world.turns.until('it ends', () => world.isSettled(id));
  return { id, state: world.disk.jobs.get(id)?.state };
}
function named<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('it is not there');
  return row;
}
const domainOf = (name: string) => named(world.disk.domains.find({ name }));
const serverOf = (name: Place) => named(world.disk.servers.find({ name }));
const requestKey = (): string => world.key();
const keep = (domain: string, server: Place) =>
  ended(client.domains.keepWildcard({ domainId: domainOf(domain).id, serverId: serverOf(server).id, requestKey: requestKey() }));
const address = (server: Place) =>
  ended(client.servers.address({ serverId: serverOf(server).id, publicAddresses: addressesAt(server, 'both'), requestKey: requestKey() }));
const undone = ({ id: jobId }: { readonly id: JobView['id'] }) => ended(client.jobs.undo({ jobId, requestKey: requestKey() }));

test.each(['record of their own', 'wildcard'])('of an undone drop nobody is led to a former address, found by a %s before', async (by) => {
  const create = () =>
    ended(
      client.instances.create({
        name: 'anna',
        packageId: packageId.parse('static-site'),
        serverId: serverOf('Oak').id,
        requestKey: requestKey(),
      }),
    );
  if (by !== 'wildcard') expect(await create()).toMatchObject({ state: 'done' });
  expect(await keep('farm.test', 'Oak')).toMatchObject({ state: 'done' });
  if (by === 'wildcard') expect(await create()).toMatchObject({ state: 'done' });
  expect(world.disk.ownedRecords.find({}).length).toBe(by === 'wildcard' ? 0 : 1);
  void world.at('drop-wildcard.proof.before', () => {
    throw notPermitted;
  });
  const drop = await ended(client.domains.dropWildcard({ domainId: domainOf('farm.test').id, requestKey: requestKey() }));
  expect(drop.state).toBe('stopped');
  await expect(address('Oak')).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'farm.test', jobId: drop.id } });
  expect(await undone(drop)).toMatchObject({ state: 'undone' });
  expect(await address('Oak')).toMatchObject({ state: 'done' });
  expect(world.nameServer.answer('anna.farm.test').addresses.toSorted()).toEqual(addressesAt('Oak', 'both'));
});

test('of an undone removal of its domain it leads to a server that is in the farm, and to where that is', async () => {
  expect(await ended(client.domains.add({ name: 'shop.test', dns: { kind: 'builtin' }, requestKey: requestKey() }))).toMatchObject({
    state: 'done',
  });
  expect(await keep('shop.test', 'Pine')).toMatchObject({ state: 'done' });
  world.agents.get(addressOf('Oak'))?.failNext('certificates.remove', notPermitted);
  const removal = await ended(client.domains.remove({ domainId: domainOf('shop.test').id, requestKey: requestKey() }));
  expect(removal.state).toBe('stopped');
  const leave = () => ended(client.servers.remove({ serverId: serverOf('Pine').id, requestKey: requestKey() }));
  await expect(leave()).rejects.toMatchObject({ code: 'SERVER_HAS_WILDCARD', data: { server: 'Pine', domain: 'shop.test' } });
  await expect(address('Pine')).rejects.toMatchObject({ code: 'OBJECT_BUSY', data: { name: 'shop.test', jobId: removal.id } });
  expect(await ended(client.jobs.continue({ jobId: removal.id, requestKey: requestKey() }))).toMatchObject({ state: 'done' });
  expect(await leave()).toMatchObject({ state: 'done' });
});
