import { expect, test } from 'vitest';
import { jobId } from '#contract/ids.ts';
import { createLightWorld, type LightWorld } from '../testing/light/light-world.ts';
import type { Act } from '../testing/orders/acts.ts';
import { beginAct } from '../testing/orders/begin-act.ts';
import { faultsOf } from '../testing/orders/oracle.ts';
import { doneIn } from '../testing/orders/run-scenario.ts';
import { create, scenarios } from '../testing/orders/scenarios.ts';

/** A job that brings something has said that it is there, and has not ended: its core died just before. A person may continue or undo it. */
async function stoppedAfterReady(type: 'add-domain' | 'join-server'): Promise<{ readonly world: LightWorld; readonly id: string }> {
  const world = await createLightWorld(1);
  await world.open();
  const died = world.at(`${type}.ready.after`);
  void beginAct(world, world.now().client, scenarios[type].act);
  await world.turns.during(died, 'its core dies');
  await world.open();
  const [job] = world.disk.jobs.find({ type });
  if (job === undefined) throw new Error('no job');
  await world.turns.until('it has stopped', () => world.isSettled(job.id));
  return { world, id: job.id };
}

/** What is asked to use it, and what comes of the job; then everything comes to its end. */
async function usedThen(world: LightWorld, id: string, use: Act, choice: 'continue' | 'undo'): Promise<unknown> {
  const { client } = world.now();
  const asked = beginAct(world, client, use)?.catch((error: unknown) => error);
  const answer = await world.turns.during(asked ?? Promise.resolve(), 'the other is answered');
  await world.turns.during(client.jobs[choice]({ jobId: jobId.parse(id), requestKey: world.key() }), choice);
  await world.turns.until('all have ended', () => world.jobs().every((job) => world.isSettled(job.id)));
  await world.turns.pass(10 * 60_000);
  return answer;
}

const inShop: Act = { ...create('anna'), domain: 'shop.test' };
const onLarch: Act = { do: 'keep-wildcard', domain: 'farm.test', server: 'Larch' };

test('no instance begins below a domain while its adding can still be undone', async () => {
  const { world, id } = await stoppedAfterReady('add-domain');
  const answer = await usedThen(world, id, inShop, 'undo');
  expect(faultsOf(world)).toEqual([]);
  expect(world.disk.jobs.get(id)?.state).toBe('undone');
  expect(answer).toMatchObject({ code: 'OBJECT_BUSY', data: { kind: 'domain', name: 'shop.test', jobId: id } });
});

test('once its adding has ended they do', async () => {
  const { world, id } = await stoppedAfterReady('add-domain');
  expect(await usedThen(world, id, inShop, 'continue')).toMatchObject({ code: 'OBJECT_BUSY' });
  expect(world.disk.jobs.get(id)?.state).toBe('done');
  await doneIn(world, inShop);
  expect(faultsOf(world)).toEqual([]);
});

test('no wildcard is kept for a server while its join can still take itself back', async () => {
  const { world, id } = await stoppedAfterReady('join-server');
  const answer = await usedThen(world, id, onLarch, 'undo');
  expect(faultsOf(world)).toEqual([]);
  expect(world.disk.jobs.get(id)?.state).toBe('undone');
  expect(answer).toMatchObject({ code: 'SERVER_DOES_NOT_FIT', data: { server: 'Larch', reason: 'joining' } });
});
