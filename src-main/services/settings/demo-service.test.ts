import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { LocalAgents } from '../../ports/local-agents.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { snapshotOf } from '../../testing/known-farm.ts';

let home = '';
let core: TestCore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'farm-demo-'));
  core = await createTestCore({ home });
});
afterEach(async () => {
  await core.close();
  await rm(home, { recursive: true, force: true });
});

const start = () => core.client.settings.startDemo({ language: 'en', requestKey: core.key() });
const remove = () => core.client.settings.removeDemo({ requestKey: core.key() });
const demo = async () => (await core.client.settings.get()).demo;
/** Puts another in the place of one act of the local agents, once: the next call finds the real one. */
function once<Act extends keyof LocalAgents>(act: Act, instead: () => Promise<never>): void {
  const { localAgents } = core.drivers;
  const real = localAgents[act];
  Object.assign(localAgents, {
    [act]: () => {
      Object.assign(localAgents, { [act]: real });
      return instead();
    },
  });
}
const storeFull = () => Promise.reject(new FarmError('STORE_FULL', { path: '/farm' }));
const storeFullFailure = { code: 'STORE_FULL', parameters: { path: '/farm' } };
/** Other programs have these ports from now on, for agents that are started after this; nobody who listens loses one. */
function occupy(ports: readonly number[], owner = 'nginx'): void {
  const { localAgents } = core.drivers;
  const { freePorts, ensure, remove } = localAgents;
  const running = new Set<string>();
  Object.assign(localAgents, {
    freePorts: (wanted, taken) => freePorts(wanted, [...taken, ...ports]),
    ensure: async (agent) => {
      if (!running.has(agent.home) && ports.includes(agent.linkPort)) throw new FarmError('PORT_TAKEN', { port: agent.linkPort, owner });
      running.add(agent.home);
      return ensure(agent);
    },
    takenPort: async ({ httpsPort, httpPort }) => {
      const port = [httpsPort, httpPort].find((one) => ports.includes(one));
      return port === undefined ? undefined : { port, owner };
    },
    remove: (agent) => {
      running.delete(agent.home);
      return remove(agent);
    },
  } satisfies Partial<LocalAgents>);
}
const portsOfServers = async () =>
  (await core.client.servers.list()).servers.map(({ name, address, httpsPort, condition }) => ({
    name,
    link: Number(address.split(':')[1]),
    httpsPort,
    state: condition.code,
  }));

describe('a demo farm that did not start', () => {
  test('says why to every window, until it is tried again', async () => {
    once('ensure', storeFull);
    await expect(start()).rejects.toMatchObject({ code: 'STORE_FULL' });
    const kept = { act: 'start', step: 'agents', failure: storeFullFailure };
    expect(await demo()).toEqual({ step: 'failed', isOffered: true, isPossible: true, failure: kept });
    expect((await snapshotOf(core)).state).toMatchObject({ demoStep: 'failed', demoFailure: kept });

    expect(await start()).toMatchObject({ isDemo: true });
    expect(await demo()).toEqual({ step: 'ready', isOffered: true, isPossible: true });
    expect((await snapshotOf(core)).state.demoFailure).toBeUndefined();
  });

  test('or until what is there of it is removed', async () => {
    once('pairingCode', storeFull);
    await expect(start()).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect((await demo()).failure?.step).toBe('pairing');
    expect(await remove()).toEqual({ left: [] });
    expect(await demo()).toEqual({ step: 'none', isOffered: true, isPossible: true });
  });

  test('a bug is kept by its reference, never by its words', async () => {
    once('ensure', () => Promise.reject(new TypeError('secret inside')));
    await expect(start()).rejects.toThrow();
    const { failure } = await demo();
    expect(failure?.failure).toMatchObject({ code: 'INTERNAL', reference: expect.stringMatching(/./) });
    expect(JSON.stringify(failure)).not.toContain('secret inside');
  });

  test('nothing to remove is no failure, so that a window can always go back to the choices', async () => {
    expect(await remove()).toEqual({ left: [] });
    expect((await demo()).step).toBe('none');
  });

  test('another farm is refused, and is no failed demo farm for it', async () => {
    await core.client.settings.startFarm({ name: 'Mine', language: 'en', timeZone: 'UTC', requestKey: core.key() });
    await expect(start()).rejects.toMatchObject({ code: 'EXISTS', data: { name: 'Mine' } });
    await expect(remove()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await demo()).toEqual({ step: 'none', isOffered: false, isPossible: true });
  });
});

describe('on a computer on whose system no agents run', () => {
  const onMac = async (): Promise<void> => {
    await core.close();
    core = await createTestCore({ home, canRunAgents: false });
  };

  test('a demo farm is refused in words, and nothing of it is begun', async () => {
    await onMac();
    expect(await demo()).toEqual({ step: 'none', isOffered: true, isPossible: false });
    await expect(start()).rejects.toMatchObject({ code: 'DEMO_NOT_HERE' });
    expect(await demo()).toEqual({ step: 'none', isOffered: true, isPossible: false });
    expect((await core.client.settings.get()).farm).toBeUndefined();
  });

  test('one that was brought from another computer says so to every window, and no agent is started', async () => {
    await start();
    await onMac();
    await expect.poll(demo).toMatchObject({ step: 'failed', isPossible: false, failure: { failure: { code: 'DEMO_NOT_HERE' } } });
    expect(core.agents).toEqual([]);
  });
});

describe('a port that somebody else took', () => {
  test('between choosing and starting: the agents that lost one get others, and the farm comes up', async () => {
    const { localAgents } = core.drivers;
    const { freePorts } = localAgents;
    // As when another demo farm begins at the same moment: free when they were chosen, taken when they were wanted.
    let isChosen = false;
    Object.assign(localAgents, {
      freePorts: async (wanted: readonly number[], taken: readonly number[]) => {
        if (!isChosen && taken.length > 0) {
          isChosen = true;
          occupy([7443, 8444, 8082]);
        }
        return freePorts(wanted, taken);
      },
    });
    expect(await start()).toMatchObject({ isDemo: true });
    expect((await demo()).step).toBe('ready');
    const servers = await portsOfServers();
    expect(servers.map(({ name, state }) => [name, state])).toEqual([
      ['Alder', 'ready'],
      ['Birch', 'ready'],
      ['Cedar', 'ready'],
    ]);
    const used = servers.flatMap(({ link, httpsPort }) => [link, httpsPort]);
    expect(used.filter((port) => [7443, 8444].includes(port))).toEqual([]);
    expect(new Set(used).size).toBe(6);
  });

  test('that is lost again and again is said, and trying again is not the same again', async () => {
    const { localAgents } = core.drivers;
    const real = { ...localAgents };
    Object.assign(localAgents, { takenPort: async () => ({ port: 8443, owner: 'nginx' }) });
    await expect(start()).rejects.toMatchObject({ code: 'PORT_TAKEN', data: { port: 8443, owner: 'nginx' } });
    expect((await demo()).failure).toMatchObject({ step: 'agents', failure: { code: 'PORT_TAKEN' } });
    Object.assign(localAgents, real);
    expect(await start()).toMatchObject({ isDemo: true });
  });

  test('while the computer was off: a server that customers know keeps its addresses, its link moves, and the others never wait', async () => {
    await start();
    const before = await portsOfServers();
    await core.close();
    core = await createTestCore({ home });
    await expect.poll(async () => (await demo()).step).toBe('ready');
    occupy([7444, 8445]);
    expect(await start()).toMatchObject({ isDemo: true });
    expect((await demo()).step).toBe('ready');
    const after = await portsOfServers();
    expect(after.map(({ name, httpsPort }) => [name, httpsPort])).toEqual(before.map(({ name, httpsPort }) => [name, httpsPort]));
    expect(after.map(({ link }, index) => link === before[index]?.link)).toEqual([true, false, true]);
  });
});

describe('a start whose core died while its domain was added', () => {
  const points = jobCatalogue['add-domain'].steps.flatMap((step) => [`add-domain.${step}.before`, `add-domain.${step}.after`]);
  test.each(points)('at %s is brought to its end by the next core', async (point) => {
    await core.close();
    const dead = Promise.withResolvers<void>();
    const burials: (() => void)[] = [];
    const failPoint = (name: string): Promise<void> | undefined => {
      if (name !== point) return undefined;
      dead.resolve();
      return new Promise((_resolve, reject) => burials.push(() => reject(new Error('dead'))));
    };
    core = await createTestCore({ home, failPoint });
    const first = core;
    const starting = start().catch(() => undefined);
    await dead.promise;
    const { links, localAgents } = first.drivers;
    core = await createTestCore({ home, drivers: { links, localAgents } });
    try {
      await expect.poll(async () => (await demo()).step, { timeout: 8000 }).toBe('ready');
      const [domain, ...more] = (await core.client.domains.list()).domains;
      expect([domain?.name, more]).toEqual(['farm.localhost', []]);
      expect(domain).not.toHaveProperty('isComing');
      expect((await core.client.certificates.list()).certificates.flatMap(({ names }) => names)).toContain('*.farm.localhost');
    } finally {
      for (const bury of burials) bury();
      await starting;
      await first.core.close();
    }
  });
});

describe('a removal that stopped', () => {
  test('says why, is not for ever under way, and goes on when asked again', async () => {
    await start();
    once('remove', () => Promise.reject(new FarmError('STORE_FULL', { path: '/farm' })));
    await expect(remove()).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect((await demo()).failure).toMatchObject({ act: 'remove', step: 'removing', failure: { code: 'STORE_FULL' } });
    expect(await remove()).toEqual({ left: [] });
    expect((await core.client.settings.get()).farm).toBeUndefined();
  });

  test('is brought to its end by the next core, which does not join to agents that are half gone', async () => {
    await start();
    once('remove', () => Promise.reject(new Error('killed')));
    await expect(remove()).rejects.toThrow();
    await core.close();
    core = await createTestCore({ home });
    await expect.poll(async () => (await core.client.settings.get()).farm).toBeUndefined();
    expect((await demo()).step).toBe('none');
  });

  test('asked for by two windows is one', async () => {
    await start();
    expect(await Promise.all([remove(), remove()])).toEqual([{ left: [] }, { left: [] }]);
    expect(await start()).toMatchObject({ isDemo: true });
    // one that is asked for while the farm starts waits for it
    await remove();
    const [farm, removed] = await Promise.all([start(), remove()]);
    expect([farm.isDemo, removed]).toEqual([true, { left: [] }]);
    expect((await core.client.settings.get()).farm).toBeUndefined();
  });
});

describe('a start whose core dies while a server joins', () => {
  test.each(['join-server.pair.before', 'join-server.pair.after', 'join-server.row.after', 'join-server.ready.after'])(
    'at %s is brought to its end by the next core',
    async (point) => {
      let bury: () => void = () => undefined;
      const folder = await mkdtemp(join(tmpdir(), 'farm-demo-cut-'));
      const died = Promise.withResolvers<void>();
      const first = await createTestCore({
        home: folder,
        failPoint: (name) => {
          if (name !== point) return undefined;
          died.resolve();
          return new Promise<void>((_resolve, reject) => {
            bury = () => reject(new Error('dead'));
          });
        },
      });
      const starting = first.client.settings.startDemo({ language: 'en', requestKey: first.key() }).catch(() => undefined);
      await died.promise;
      const { links, probe, localAgents } = first.drivers;
      const next = await createTestCore({ home: folder, drivers: { links, probe, localAgents } });
      try {
        await expect.poll(async () => (await next.client.settings.get()).demo.step, { timeout: 10_000 }).toBe('ready');
        const { servers } = await next.client.servers.list();
        expect(servers.map(({ condition }) => condition.code)).toEqual(['ready', 'ready', 'ready']);
        expect((await next.client.jobs.list({})).jobs.filter(({ state }) => state !== 'done')).toEqual([]);
        expect(await next.drivers.store.locks.find()).toEqual([]);
      } finally {
        bury();
        await starting;
        await next.core.close();
        await first.core.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
