import { expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import type { JobTable, Step } from '../../engine/job-table.ts';
import { addressOf, createLightWorld, type LightWorld } from '../../testing/light/light-world.ts';

const pine = addressOf('Pine');

/** The last step of an undone removal: the server comes back just before, and what it finds of the domain is still on its way out. */
const backJustBefore = (world: () => LightWorld) => (tables: readonly JobTable[]) =>
  tables.map((table) => ({
    ...table,
    steps: table.steps.map((step): Step => {
      if (table.type !== 'remove-domain' || step.name !== 'check') return step;
      const undo: Step['undo'] = async (context) => {
        world().cut(pine, false);
        await new Promise<void>((resolve) => world().clock.after(2000, resolve));
        await step.undo(context);
      };
      return { ...step, undo };
    }),
  }));

test('a server that comes back while a removal of a domain is being undone gets the certificate that it had', async () => {
  let world: LightWorld | undefined;
  const there = (): LightWorld => {
    if (world === undefined) throw new Error('no world');
    return world;
  };
  world = await createLightWorld(1, { tables: backJustBefore(there) });
  const { turns, disk, agents } = world;
  const { client } = await world.open();
  const ended = async (begun: Promise<{ readonly id: string }>): Promise<string | undefined> => {
    const { id } = await turns.during(begun, 'it begins');
    await turns.until('it ends', () => there().isSettled(id));
    return disk.jobs.get(id)?.state;
  };
  const held = (): string[] => [...(agents.get(pine)?.certificates.values() ?? [])].flatMap(({ names }) => names);
  expect(await ended(client.domains.add({ name: 'shop.test', dns: { kind: 'builtin' }, requestKey: world.key() }))).toBe('done');
  expect(held()).toContain('*.shop.test');
  const [domain] = disk.domains.find({ name: 'shop.test' });
  if (domain === undefined) throw new Error('no domain');
  agents.get(addressOf('Oak'))?.failNext('certificates.remove', new FarmError('NOT_PERMITTED_BY_OS', { what: 'this' }));
  expect(await ended(client.domains.remove({ domainId: domain.id, requestKey: world.key() }))).toBe('stopped');
  expect(held()).not.toContain('*.shop.test');
  world.cut(pine, true);
  const [job] = disk.jobs.find({ type: 'remove-domain' });
  if (job === undefined) throw new Error('no job');
  expect(await ended(client.jobs.undo({ jobId: job.id, requestKey: world.key() }))).toBe('undone');
  await turns.pass(10 * 60_000);
  expect(held()).toContain('*.shop.test');
});
