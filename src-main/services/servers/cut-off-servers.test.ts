import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { type ServerId, serverId } from '#contract/ids.ts';
import type { TestCore } from '../../testing/create-test-core.ts';
import { createFakeAgent, type FakeAgent } from '../../testing/fake-agent.ts';
import { type CutOff, createCutOff } from '../../testing/cut-off.ts';

/** The core is killed at every point of every step of a join and of a removal, forward and while it is undone; then continued or undone. */
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

/** Everything that a server could leave behind in the farm. */
async function everything({ drivers: { store } }: TestCore) {
  return {
    servers: (await store.servers.find()).map(({ name, membership }) => ({ name, membership })),
    locks: await store.locks.find(),
  };
}
const join = (core: TestCore, { agent, name, address }: ReturnType<typeof freshAgent>): Promise<JobView> =>
  core.client.servers.add({ address, code: agent.code, name, requestKey: key() });

type Choice = 'continue' | 'undo';
const endOf = { continue: 'done', undo: 'undone' } as const;

async function afterDeath(jobId: JobView['id'], point: string, choice: Choice, check: (core: TestCore, ended: JobView) => Promise<void>) {
  const next = await cut.reopen();
  try {
    const stopped = await next.client.jobs.get({ jobId });
    expect(stopped.canUndo).toBe(choice === 'undo' || !/^remove-server[.](leave|row|proof)/.test(point));
    if (!stopped.canUndo)
      await expect(next.client.jobs.undo({ jobId, requestKey: key() })).rejects.toMatchObject({ code: 'JOB_PAST_RETURN' });
    expect(stopped).toMatchObject({ state: 'stopped', failure: { code: 'JOB_INTERRUPTED', parameters: { step: point.split('.')[1] } } });
    const ended = await next.settled(await next.client.jobs[choice]({ jobId, requestKey: key() }));
    expect(ended.failure).toBeUndefined();
    expect(ended.state).toBe(endOf[choice]);
    await check(next, ended);
  } finally {
    await next.core.close();
  }
}
const pointsOf = (type: 'join-server' | 'remove-server', steps: readonly string[] = jobCatalogue[type].steps): string[] =>
  steps.flatMap((step) => [`${type}.${step}.before`, `${type}.${step}.after`]);

describe('a join whose core dies', () => {
  const cases = pointsOf('join-server').flatMap((point) => [
    { point, choice: 'continue' as const },
    { point, choice: 'undo' as const },
  ]);
  test.each(cases)('at $point, then $choice, is whole or nothing', async ({ point, choice }) => {
    const fresh = freshAgent();
    const before = await everything(cut.first);
    const dead = cut.dieAt(point);
    const job = await join(cut.first, fresh);
    await dead;
    await afterDeath(job.id, point, choice, async (next) => {
      const isIn = choice === 'continue';
      const all = await everything(next);
      expect(all.locks).toEqual([]);
      expect(all.servers).toEqual(isIn ? [...before.servers, { name: fresh.name, membership: 'in' }] : before.servers);
      expect(fresh.agent.farm() === undefined).toBe(!isIn);
      if (!isIn) return;
      expect((await next.client.servers.get({ serverId: serverId.parse(job.subject.id) })).publicAddresses).toHaveLength(1);
      const left = await next.settled(await next.client.servers.remove({ serverId: serverId.parse(job.subject.id), requestKey: key() }));
      expect(left.state).toBe('done');
      expect(fresh.agent.farm()).toBeUndefined();
    });
  });

  test.each(pointsOf('join-server', ['pair', 'row', 'link']).map((point) => `${point}.undo`))(
    'while it takes itself back, at %s, leaves nothing half joined',
    async (point) => {
      const fresh = freshAgent();
      const before = await everything(cut.first);
      const dead = cut.dieAt('join-server.link.before');
      const job = await join(cut.first, fresh);
      await dead;
      const next = await cut.reopen();
      const deadAgain = cut.dieAt(point);
      await next.client.jobs.undo({ jobId: job.id, requestKey: key() });
      await deadAgain;
      const last = await cut.reopen();
      try {
        const ended = await last.settled(await last.client.jobs.continue({ jobId: job.id, requestKey: key() }));
        expect(ended).toMatchObject({ state: 'undone', direction: 'back' });
        expect(await everything(last)).toEqual({ ...before, locks: [] });
        expect(fresh.agent.farm()).toBeUndefined();
      } finally {
        await last.core.close();
      }
    },
  );
});

describe('a removal whose core dies', () => {
  const joined = async (): Promise<{ readonly fresh: ReturnType<typeof freshAgent>; readonly id: ServerId }> => {
    const fresh = freshAgent();
    const job = await cut.first.settled(await join(cut.first, fresh));
    expect(job.state).toBe('done');
    return { fresh, id: serverId.parse(job.subject.id) };
  };
  const cases = pointsOf('remove-server').flatMap((point): { point: string; choice: Choice }[] =>
    point.startsWith('remove-server.check') || point === 'remove-server.leave.before'
      ? [{ point, choice: 'continue' }, ...(point === 'remove-server.leave.before' ? [] : [{ point, choice: 'undo' as const }])]
      : [{ point, choice: 'continue' }],
  );
  test.each(cases)('at $point, then $choice, is gone or as before', async ({ point, choice }) => {
    const { fresh, id } = await joined();
    const { store } = cut.first.drivers;
    await store.samples.add([{ farmId: 'f', serverId: id, subjectId: id, atMs: 1, agentAtMs: 1, clockOffsetMs: 0, values: { cpu: 1 } }]);
    const before = await everything(cut.first);
    const dead = cut.dieAt(point);
    const job = await cut.first.client.servers.remove({ serverId: id, requestKey: key() });
    await dead;
    await afterDeath(job.id, point, choice, async (next, ended) => {
      const all = await everything(next);
      expect(all.locks).toEqual([]);
      if (choice === 'undo') {
        expect(all.servers).toEqual(before.servers);
        expect(fresh.agent.farm()).toBeDefined();
        expect((await next.settled(await next.client.servers.remove({ serverId: id, requestKey: key() }))).state).toBe('done');
        return;
      }
      expect(all.servers).toEqual(before.servers.filter(({ name }) => name !== fresh.name));
      expect(fresh.agent.farm()).toBeUndefined();
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
      await afterDeath(job.id, point, 'continue', async (next, ended) => {
        expect((await everything(next)).servers).not.toContainEqual(expect.objectContaining({ name: fresh.name }));
        expect(ended.traces[0]).toMatchObject({ code: 'membership-unasked', parameters: { told: 'yes' } });
      });
    },
  );

  test.each(['remove-server.check.before.undo', 'remove-server.check.after.undo'])(
    'while it is undone, at %s, stays as it was',
    async (point) => {
      const { fresh, id } = await joined();
      const before = await everything(cut.first);
      cut.first.links.cut(fresh.address, true);
      const stopped = await cut.first.settled(await cut.first.client.servers.remove({ serverId: id, requestKey: key() }));
      expect(stopped).toMatchObject({ state: 'stopped', canUndo: true });
      cut.first.links.cut(fresh.address, false);
      const dead = cut.dieAt(point);
      await cut.first.client.jobs.undo({ jobId: stopped.id, requestKey: key() });
      await dead;
      const next = await cut.reopen();
      try {
        const ended = await next.settled(await next.client.jobs.continue({ jobId: stopped.id, requestKey: key() }));
        expect(ended.state).toBe('undone');
        expect(await everything(next)).toEqual({ ...before, locks: [] });
        expect(fresh.agent.farm()).toBeDefined();
        expect((await next.settled(await next.client.servers.remove({ serverId: id, requestKey: key() }))).state).toBe('done');
      } finally {
        await next.core.close();
      }
    },
  );
});
