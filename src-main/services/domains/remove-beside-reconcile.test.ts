import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { createTestZone, type TestZone } from '../../testing/test-zone.ts';

let zone: TestZone;
let farm: TestCore;
/** What happened, in order. */
let events: string[] = [];
/** While it is there, certificates do not arrive at the agent. */
let held: { readonly arrived: () => void; readonly until: Promise<void> } | undefined;

beforeEach(async () => {
  events = [];
  held = undefined;
  zone = await createTestZone();
  farm = await createTestCore({
    servers: 1,
    drivers: { createDns: zone.createDns },
    around: async (_address, command, call) => {
      if (command !== 'certificates.install') return call();
      held?.arrived();
      await held?.until;
      const answer = await call();
      events.push('installed');
      return answer;
    },
  });
});
afterEach(async () => {
  await farm.close();
  await zone.nameServer.close();
});

test('a server that is put in order while a domain leaves does not get its certificate back', async () => {
  const domain = await farm.addDomain('shop.test');
  const [agent] = farm.agents;
  if (agent === undefined) throw new Error('no agent');
  // it lost the certificate, and comes back
  for (const [id, { names }] of agent.certificates) if (names.includes('*.shop.test')) agent.certificates.delete(id);
  const hold = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  held = { arrived: arrived.resolve, until: hold.promise };
  farm.links.cut('oak.test:7443', true);
  farm.links.cut('oak.test:7443', false);
  await arrived.promise;
  const begun = await farm.client.domains.remove({ domainId: domain.id, requestKey: farm.key() });
  const ended = farm.settled(begun).then((job) => {
    events.push(job.state);
    return job;
  });
  await pause(300);
  held = undefined;
  hold.resolve();
  expect(await ended).toMatchObject({ state: 'done' });
  await pause(300);
  expect(events.slice(-2)).toEqual(['installed', 'done']);
  expect([...agent.certificates.values()].flatMap(({ names }) => names)).not.toContain('*.shop.test');
});
