import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { type ServerId, serverId } from '#contract/ids.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { createFakeAgent, type FakeAgent } from '../../testing/fake-agent.ts';
import { type CutOff, createCutOff } from '../../testing/cut-off.ts';

/** What the proof says of a server whose removal was cut off (`jobs/kill-table.test.ts` kills the core at every point). */
let cut: CutOff;
let count = 0;
const key = randomUUID;
beforeAll(async () => {
  cut = await createCutOff(1);
});
afterAll(() => cut.end());

/** Another computer in the same network, with an agent that belongs to nobody. */
function freshAgent(): { readonly agent: FakeAgent; readonly name: string; readonly address: string } {
  count += 1;
  const name = `Victim ${count}`;
  const address = `victim-${count}.test:7443`;
  const agent = createFakeAgent({ name, clock: cut.first.clock, publicAddress: `203.0.113.${count}` });
  cut.first.links.add(address, agent);
  return { agent, name, address };
}

const namesOf = async ({ drivers: { store } }: TestCore) => (await store.servers.find()).map(({ name }) => name);
const join = (core: TestCore, { agent, name, address }: ReturnType<typeof freshAgent>): Promise<JobView> =>
  core.client.servers.add({ address, code: agent.code, name, requestKey: key() });

async function continued(jobId: JobView['id'], check: (core: TestCore, ended: JobView) => Promise<void>) {
  const next = await cut.reopen();
  try {
    const ended = await next.settled(await next.client.jobs.continue({ jobId, requestKey: key() }));
    expect([ended.failure, ended.state]).toEqual([undefined, 'done']);
    await check(next, ended);
  } finally {
    await next.core.close();
  }
}

describe('a removal whose core dies', () => {
  const joined = async (): Promise<{ readonly fresh: ReturnType<typeof freshAgent>; readonly id: ServerId }> => {
    const fresh = freshAgent();
    const job = await cut.first.settled(await join(cut.first, fresh));
    expect(job.state).toBe('done');
    return { fresh, id: serverId.parse(job.subject.id) };
  };
  test('after the agent has left, is gone with its measurements, and the proof says so', async () => {
    const { fresh, id } = await joined();
    const { store } = cut.first.drivers;
    await store.samples.add([{ farmId: 'f', serverId: id, subjectId: id, atMs: 1, agentAtMs: 1, clockOffsetMs: 0, values: { cpu: 1 } }]);
    const dead = cut.dieAt('remove-server.leave.after');
    const job = await cut.first.client.servers.remove({ serverId: id, requestKey: key() });
    await dead;
    await continued(job.id, async (next, ended) => {
      expect(await namesOf(next)).not.toContain(fresh.name);
      expect(await next.drivers.store.samples.range(id, 0, 10)).toEqual([]);
      expect(ended.traces.map(({ code, isPresent }) => ({ code, isPresent }))).toEqual([
        { code: 'membership', isPresent: false },
        { code: 'row', isPresent: false },
      ]);
    });
  });

  test.each(['remove-server.leave.after', 'remove-server.row.after'])(
    'at %s, and its computer with it, is gone; that nobody could be asked once more is said',
    async (point) => {
      const { fresh, id } = await joined();
      const dead = cut.dieAt(point);
      const job = await cut.first.client.servers.remove({ serverId: id, isGivenUp: true, requestKey: key() });
      await dead;
      cut.first.links.cut(fresh.address, true);
      await continued(job.id, async (next, ended) => {
        expect(await namesOf(next)).not.toContain(fresh.name);
        expect(ended.traces[0]).toMatchObject({ code: 'membership-unasked', parameters: { told: 'yes' } });
      });
    },
  );
});
