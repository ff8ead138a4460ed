import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { domainId } from '#contract/ids.ts';
import { idAt } from '../../drivers/store/example-rows.ts';
import { createChanges } from '../../drivers/system/changes.ts';
import type { Server } from '../../model/servers/server.ts';
import { OutsideError, type ProbeAnswer, type ProbeRequest } from '../../ports/probe.ts';
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts';
import { createOutsideWatch, type OutsideWatch } from './outside-watch.ts';

const bugs: unknown[] = [];
const log = { info: () => undefined, warn: () => undefined, bug: (error: unknown) => String(bugs.push(error)) };
const servers = ['oak', 'pine'].map((name, at) => ({ id: idAt(at + 1), name })) as unknown as readonly Server[];
const [oak, pine] = servers.map(({ id }) => id);
let clock: ManualClock;
let watch: OutsideWatch;
let asked: ProbeRequest[];
let answer: (request: ProbeRequest) => Promise<ProbeAnswer>;
let isUp: boolean;
const changes = createChanges(log);
let told = 0;
changes.on((change) => {
  if (change.kind === 'server') told += 1;
});

const answers = async (): Promise<ProbeAnswer> => {
  // Nothing of the answer is looked at: that there is one is all.
  return {} as ProbeAnswer;
};
const fails =
  (code: 'OUTSIDE_CONNECT' | 'OUTSIDE_TLS', cause: string) =>
  async ({ url }: ProbeRequest): Promise<ProbeAnswer> => {
    throw new OutsideError(code, { address: new URL(url).host, cause }, { url, atMs: 1, names: [], addresses: [] });
  };
const settle = async (byMs: number): Promise<void> => {
  clock.advance(byMs);
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};

beforeEach(() => {
  clock = createManualClock();
  asked = [];
  answer = answers;
  isUp = true;
  told = 0;
  watch = createOutsideWatch({
    clock,
    log,
    changes,
    agents: {
      server: () => ({
        link: isUp
          ? { state: 'connected', sinceMs: 1, agentVersion: '', bootId: '', clockOffsetMs: 0, commands: [] }
          : { state: 'connecting', sinceMs: 1 },
        ...{ seenAtMs: 1, now: undefined, busiest: undefined, measuredAtMs: undefined, signs: {} },
      }),
    },
    probe: {
      request: (request) => {
        asked.push(request);
        return answer(request);
      },
    },
    servers: async () => servers,
    outlookOn: (id, turn) =>
      id === oak ? { url: `https://${['anna', 'berta'][turn % 2]}.farm.test:8443`, domainId: domainId.parse(idAt(9)) } : undefined,
    nameServers: async () => [{ address: '192.0.2.53', port: 53 }],
    trustPem: async () => 'pem',
  });
  watch.start();
});
afterEach(() => {
  watch.stop();
  expect(bugs).toEqual([]);
});

describe('one address of each server, from outside', () => {
  test('is visited after 10 s, then each minute, another each time; a server without instances has none', async () => {
    await settle(10_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'reached', address: 'berta.farm.test:8443', misses: 0, atMs: clock.nowMs() });
    expect(watch.sightOf(pine ?? '')).toBeUndefined();
    await settle(59_000);
    expect(asked).toHaveLength(1);
    await settle(1000);
    expect(asked.map(({ url }) => url)).toEqual(['https://berta.farm.test:8443', 'https://anna.farm.test:8443']);
    expect(asked[0]).toMatchObject({ resolveVia: { servers: [{ address: '192.0.2.53', port: 53 }] }, trustPem: 'pem' });
    // Whatever the application behind it says, the edge was reached.
    expect(asked[0]?.expect.status).toEqual(expect.arrayContaining([200, 404, 421, 502, 503]));
    // A sight that stays what it was is nothing to tell.
    expect(told).toBe(1);
  });

  test('that is missed is visited every 15 s, and told, until it is reached', async () => {
    answer = fails('OUTSIDE_CONNECT', 'ECONNREFUSED');
    await settle(10_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'not-reached', cause: 'ECONNREFUSED', misses: 1 });
    await settle(15_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'not-reached', misses: 2 });
    expect(told).toBe(2);
    answer = answers;
    await settle(15_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'reached', misses: 0 });
    await settle(15_000);
    expect(asked).toHaveLength(3);
  });

  test('whose certificate or name is in the way says nothing of the edge; one that speaks no TLS at all does', async () => {
    answer = fails('OUTSIDE_TLS', 'CERT_HAS_EXPIRED');
    await settle(10_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'unclear', misses: 0 });
    answer = fails('OUTSIDE_TLS', 'timeout');
    await settle(60_000);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'not-reached', misses: 1 });
  });

  test('is visited at once when the agent falls silent, and only then', async () => {
    changes.announce({ kind: 'server', id: oak ?? '' });
    await settle(0);
    expect(asked).toHaveLength(0);
    isUp = false;
    changes.announce({ kind: 'server', id: oak ?? '' });
    changes.announce({ kind: 'server', id: oak ?? '' });
    await settle(0);
    expect(asked).toHaveLength(1);
    expect(watch.sightOf(oak ?? '')?.state).toBe('reached');
  });

  test('that was missed is visited at once when the agent is heard again', async () => {
    isUp = false;
    answer = fails('OUTSIDE_CONNECT', 'ECONNREFUSED');
    await settle(10_000);
    isUp = true;
    answer = answers;
    changes.announce({ kind: 'server', id: oak ?? '' });
    await settle(0);
    expect(watch.sightOf(oak ?? '')).toMatchObject({ state: 'reached', misses: 0 });
    expect(asked).toHaveLength(2);
  });

  test('is visited no more after the end', async () => {
    await settle(10_000);
    watch.stop();
    await settle(600_000);
    expect(asked).toHaveLength(1);
    expect(watch.sightOf(oak ?? '')).toBeUndefined();
  });
});
