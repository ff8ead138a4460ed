import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { linkLimits } from '../../../agent/link/connection-limits.ts';
import { formatCode, parseCode } from '#contract/agent/pairing.ts';
import { FarmError } from '#contract/errors.ts';
import { startRelay } from './fixtures/relay.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from './fixtures/test-agent.ts';
import { errorOf, makeFarm, makeLinks, type TestFarm } from './fixtures/test-farm.ts';

let farm: TestFarm;
let other: TestFarm;
const links = makeLinks();
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  farm = await makeFarm();
  other = await makeFarm('0198c0de-0000-7000-8000-00000000000b');
});
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

async function start(options: TestAgentOptions = {}): Promise<TestAgent> {
  const agent = await startTestAgent(options);
  undo.push(agent.dispose);
  return agent;
}

async function hello(agent: TestAgent, of: TestFarm, serverId = 'server-1'): Promise<void> {
  const { address, keyFingerprint } = agent;
  const link = links.open(of.identity, { serverId, serverName: 'Oak', address, keyFingerprint });
  await link.ready(5_000);
  await link.close();
}

/** The same key, another random part. */
function wrong(code: string): string {
  const parsed = parseCode(code);
  if (!parsed) throw new Error(code);
  return formatCode(
    parsed.keyPrefix,
    parsed.secret.map((byte) => byte ^ 1),
  );
}

describe('pairing', () => {
  it('gives the agent an identity of its own, on disk, readable by nobody else', async () => {
    let told = 0;
    const agent = await start({ onJoined: () => (told += 1) });
    const typed = agent.code().toLowerCase().replaceAll('-', ' ');
    const joined = await links.pair(farm.pairRequest(agent.address, typed));
    expect(joined).toEqual({ keyFingerprint: agent.keyFingerprint, agentVersion: '1.2.3' });
    expect(agent.identity()).toMatchObject({
      farmId: farm.id,
      farmName: 'Farm a',
      serverId: 'server-1',
      highestEpoch: 1,
      isConfirmed: false,
    });
    expect(told).toBe(1);
    for (const file of ['key.pem', 'identity.json', 'pairing.json']) {
      const path = join(agent.folder, 'link', file);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await readFile(path, 'utf8')).length).toBeGreaterThan(10);
    }
    await hello(agent, farm);
    expect(agent.identity()?.isConfirmed).toBe(true);
  });

  it('keeps its key, code and identity through a restart', async () => {
    const agent = await start();
    const code = agent.code();
    await agent.close();
    const again = await start({ folder: agent.folder });
    expect(again.keyFingerprint).toBe(agent.keyFingerprint);
    expect(again.pairingCode()?.code).toBe(code);
    await links.pair(farm.pairRequest(again.address, code));
    await again.close();
    const third = await start({ folder: agent.folder });
    await hello(third, farm);
  });

  it('refuses what has not the form of a code before it opens any connection', async () => {
    expect(await errorOf(links.pair(farm.pairRequest('127.0.0.1:1', '1234')))).toMatchObject({
      code: 'CODE_INVALID',
      parameters: { reason: 'form' },
    });
  });

  it('refuses a wrong code, counts five tries through a restart, then refuses the right one too', async () => {
    const agent = await start();
    const code = agent.code();
    const guess = (at: TestAgent) => errorOf(links.pair(farm.pairRequest(at.address, wrong(code))));
    for (let time = 0; time < 3; time += 1)
      expect(await guess(agent)).toMatchObject({ code: 'CODE_INVALID', parameters: { reason: 'wrong' } });
    await agent.close();
    const again = await start({ folder: agent.folder });
    for (let time = 0; time < 2; time += 1) expect(await guess(again)).toMatchObject({ code: 'CODE_INVALID' });
    expect(await errorOf(links.pair(farm.pairRequest(again.address, code)))).toMatchObject({ code: 'CODE_TRIES_EXHAUSTED' });
    expect(again.pairingCode()).toBeUndefined();
    expect(again.identity()).toBeUndefined();
    await links.pair(farm.pairRequest(again.address, again.newPairingCode().code));
  });

  it('counts guesses that come at once one by one', async () => {
    const agent = await start();
    const code = agent.code();
    const answers: string[] = [];
    // as many at once as the agent takes from one address
    for (let wave = 0; wave < 4; wave += 1) {
      const guesses = Array.from({ length: linkLimits.mostPairingsPerAddress }, () =>
        errorOf(links.pair(farm.pairRequest(agent.address, wrong(code)))),
      );
      answers.push(...(await Promise.all(guesses)).map((error) => error.code));
    }
    expect(answers.filter((answer) => answer === 'CODE_INVALID')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'CODE_TRIES_EXHAUSTED')).toHaveLength(3);
  });

  it('refuses an expired code, and the one before a new one', async () => {
    const agent = await start();
    const old = agent.code();
    agent.newPairingCode();
    expect(await errorOf(links.pair(farm.pairRequest(agent.address, old)))).toMatchObject({ code: 'CODE_INVALID' });
    const code = agent.code();
    agent.bench.aheadMs = 61 * 60_000;
    expect(agent.pairingCode()).toBeUndefined();
    expect(await errorOf(links.pair(farm.pairRequest(agent.address, code)))).toMatchObject({
      code: 'CODE_EXPIRED',
      parameters: { minutes: 60 },
    });
  });

  it('takes the same farm again, under the same server id or another, until its core has come back once', async () => {
    const agent = await start();
    const code = agent.code();
    await links.pair(farm.pairRequest(agent.address, code));
    await links.pair(farm.pairRequest(agent.address, code));
    await hello(agent, farm);
    // The core died after its first hello and before it saved the server: it knows nothing of server-1 and tries with a new id.
    await links.pair(farm.pairRequest(agent.address, code, 'server-2'));
    await hello(agent, farm, 'server-2');
    await hello(agent, farm, 'server-2');
    expect(await errorOf(links.pair(farm.pairRequest(agent.address, code, 'server-3')))).toMatchObject({ code: 'AGENT_IN_OTHER_FARM' });
    expect(agent.identity()?.serverId).toBe('server-2');
  });

  it('refuses another farm by name while it belongs to one, and the code as used after leaving', async () => {
    const agent = await start();
    const code = agent.code();
    await links.pair(farm.pairRequest(agent.address, code));
    expect(await errorOf(links.pair(other.pairRequest(agent.address, code)))).toMatchObject({
      code: 'AGENT_IN_OTHER_FARM',
      parameters: { address: agent.address, farm: 'Farm a' },
    });
    await hello(agent, farm);
    await hello(agent, farm);
    expect(await errorOf(links.pair(other.pairRequest(agent.address, code)))).toMatchObject({ code: 'AGENT_IN_OTHER_FARM' });
    // A new code does not give the agent away either: it has to leave first.
    expect(await errorOf(links.pair(other.pairRequest(agent.address, agent.newPairingCode().code)))).toMatchObject({
      code: 'AGENT_IN_OTHER_FARM',
    });
    const link = links.open(farm.identity, {
      serverId: 'server-1',
      serverName: 'Oak',
      address: agent.address,
      keyFingerprint: agent.keyFingerprint,
    });
    await link.ready(5_000);
    await link.client.link.leave({ farmId: farm.id });
    await link.close();
    expect(await errorOf(links.pair(other.pairRequest(agent.address, code)))).toMatchObject({ code: 'CODE_USED' });
    await links.pair(other.pairRequest(agent.address, agent.newPairingCode().code));
    await hello(agent, other);
  });

  it('refuses a farm that only borrowed our id', async () => {
    const agent = await start();
    await links.pair(farm.pairRequest(agent.address, agent.code()));
    const borrowed = await makeFarm(farm.id);
    expect(await errorOf(links.pair(borrowed.pairRequest(agent.address, agent.newPairingCode().code)))).toMatchObject({
      code: 'AGENT_IN_OTHER_FARM',
    });
    expect(agent.identity()?.authorityPem).toBe(farm.authority.chainPem);
  });

  it('lets exactly one of two farms win that prove the same code at once', async () => {
    const agent = await start();
    const code = agent.code();
    const both = await Promise.allSettled([farm, other].map((one) => links.pair(one.pairRequest(agent.address, code))));
    const lost = both.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(lost).toHaveLength(1);
    expect(['AGENT_IN_OTHER_FARM', 'CODE_USED']).toContain(lost[0]);
  });

  it('refuses a core of a lower epoch', async () => {
    const agent = await start();
    const high = await makeFarm(farm.id, 5);
    await links.pair(high.pairRequest(agent.address, agent.code()));
    const low = { ...high.pairRequest(agent.address, agent.newPairingCode().code), identity: await high.identityOf(4) };
    expect(await errorOf(links.pair(low))).toMatchObject({ code: 'CORE_EPOCH_OLD', parameters: { seen: 5, sent: 4 } });
  });

  it('says that a clock is minutes off, signs nothing and joins nothing', async () => {
    const agent = await start();
    let signed = 0;
    for (const seconds of [300, -300]) {
      agent.bench.aheadMs = seconds * 1000;
      const request = farm.pairRequest(agent.address, agent.newPairingCode().code);
      const error = await errorOf(
        links.pair({
          ...request,
          sign: async (pem, key) => {
            signed += 1;
            return request.sign(pem, key);
          },
        }),
      );
      expect(error).toMatchObject({ code: 'CLOCK_OFF', parameters: { server: '127.0.0.1' } });
      expect(Math.abs(Number(Object(error.parameters).seconds) - seconds)).toBeLessThan(3);
    }
    expect(signed).toBe(0);
    expect(agent.identity()).toBeUndefined();
  });

  it('leaves the agent free when the core cannot sign, or signs with something else', async () => {
    const agent = await start();
    const code = agent.code();
    const request = farm.pairRequest(agent.address, code);
    const refusal = new FarmError('SECRETS_LOCKED', { keepers: 'none' });
    expect(await errorOf(links.pair({ ...request, sign: () => Promise.reject(refusal) }))).toBe(refusal);
    expect(await errorOf(links.pair({ ...request, sign: other.pairRequest(agent.address, code).sign }))).toMatchObject({
      code: 'CERTIFICATE_INVALID',
    });
    expect(agent.identity()).toBeUndefined();
    await links.pair(request);
    // Told the key, a core that knows this server by another name refuses before the agent takes a new id.
    const known = (keyFingerprint: string): FarmError => new FarmError('SERVER_ALREADY_JOINED', { server: keyFingerprint });
    const again = { ...farm.pairRequest(agent.address, code, 'server-2'), sign: (_pem: string, key: string) => Promise.reject(known(key)) };
    expect(await errorOf(links.pair(again))).toMatchObject({ parameters: { server: agent.keyFingerprint } });
    expect(agent.identity()?.serverId).toBe('server-1');
  });

  it('does not hang on a peer that falls silent', async () => {
    const agent = await start();
    const hurried = makeLinks({
      clock: {
        nowMs: Date.now,
        after: (delayMs, call) => {
          const timer = setTimeout(call, delayMs / 50);
          return () => clearTimeout(timer);
        },
      },
    });
    const relay = await startRelay(agent.port);
    undo.push(relay.close);
    relay.stall();
    const request = farm.pairRequest(relay.address, agent.code());
    const timedOut = { code: 'SERVER_UNREACHABLE', parameters: { address: relay.address, cause: 'timeout' } };
    expect(await errorOf(hurried.pair(request))).toMatchObject({ code: 'SERVER_UNREACHABLE', parameters: { cause: 'silent' } });
    relay.resume();
    // Silent in the middle of the conversation: while the core signs.
    const stalling = {
      ...request,
      sign: async (pem: string, key: string) => {
        relay.stall();
        return request.sign(pem, key);
      },
    };
    expect(await errorOf(hurried.pair(stalling))).toMatchObject(timedOut);
    relay.cut();
    relay.resume();
    await links.pair(request);
    expect(await errorOf(links.pair({ ...request, address: '127.0.0.1:1' }))).toMatchObject({ parameters: { cause: 'refused' } });
  });
});
