import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addressGroup, linkLimits } from '../../../agent/link/connection-limits.ts';
import { createRepeats } from '../../../agent/link/repeats.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { askUpgrade } from './fixtures/strangers.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from './fixtures/test-agent.ts';
import { errorOf, makeFarm, makeLinks, type TestFarm } from './fixtures/test-farm.ts';

let farm: TestFarm;
const links = makeLinks();
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  farm = await makeFarm();
});
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

async function joined(options: TestAgentOptions = {}): Promise<TestAgent> {
  const agent = await startTestAgent(options);
  undo.push(agent.dispose);
  await links.pair(farm.pairRequest(agent.address, agent.code()));
  return agent;
}

/** The beginning of a ClientHello whose rest never comes. */
const halfHello = Buffer.from('160301020001000001fc0303', 'hex');

/** So many connections from an address of this computer, each of which says `said` and nothing more. */
async function hold(agent: TestAgent, localAddress: string, count: number, said?: Buffer) {
  const sockets = Array.from({ length: count }, (): Socket => {
    const socket = connect({ host: '127.0.0.1', port: agent.port, localAddress });
    undo.push(() => socket.destroy());
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  if (said !== undefined) for (const socket of sockets) socket.write(said);
  return { open: () => sockets.filter(({ closed }) => !closed).length, sockets };
}
const ours = () => ({ key: farm.identity.keyPem, cert: farm.identity.chainPem });
const core = (agent: TestAgent) => askUpgrade(agent.port, '/link', 'farm-agent.1', ours());

describe('the port of an agent', () => {
  it('stays open for a core while one address holds hundreds of silent connections', async () => {
    const agent = await joined();
    const silent = await hold(agent, '127.0.0.1', 600);
    expect(await core(agent)).toMatch(/^HTTP\/1\.1 101 /);
    await expect.poll(silent.open).toBeLessThanOrEqual(linkLimits.mostPerAddress);
    expect(await core(agent)).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('stays open for a core while many addresses together hold more than there is room', async () => {
    const agent = await joined();
    const held: Awaited<ReturnType<typeof hold>>[] = [];
    for (let host = 1; host <= 40; host += 1) held.push(await hold(agent, `127.0.1.${host}`, linkLimits.mostPerAddress));
    expect(await core(agent)).toMatch(/^HTTP\/1\.1 101 /);
    const open = (): number => held.reduce((sum, each) => sum + each.open(), 0);
    await expect.poll(open).toBeLessThanOrEqual(linkLimits.mostStrangers);
  });

  it('stays open for a core of another address while one says half a hello on each of its connections', async () => {
    const agent = await joined();
    const stalled = await hold(agent, '127.0.2.1', 300, halfHello);
    expect(await core(agent)).toMatch(/^HTTP\/1\.1 101 /);
    await expect.poll(stalled.open).toBeLessThanOrEqual(linkLimits.mostPerAddress);
  });

  it('does not end a conversation that has begun for one that is silent', async () => {
    const agent = await joined();
    const talking = await hold(agent, '127.0.3.1', linkLimits.mostPerAddress, halfHello);
    await expect.poll(talking.open).toBe(linkLimits.mostPerAddress);
    // what was said has arrived by the time a whole conversation of another is over
    await core(agent);
    await hold(agent, '127.0.3.1', 50);
    await core(agent);
    expect(talking.open()).toBe(linkLimits.mostPerAddress);
  });

  it('ends who says nothing for three seconds', async () => {
    const agent = await joined();
    const silent = await hold(agent, '127.0.4.1', 3);
    const sinceMs = Date.now();
    await Promise.all(silent.sockets.map((socket) => once(socket, 'close')));
    const lastedMs = Date.now() - sinceMs;
    expect(lastedMs).toBeGreaterThan(linkLimits.helloMs - 500);
    expect(lastedMs).toBeLessThan(12_000);
  }, 20_000);

  it('leaves another address its place to pair', async () => {
    const agent = await startTestAgent();
    undo.push(agent.dispose);
    const code = agent.code();
    const pairAs = (localAddress: string): WebSocket =>
      new WebSocket(`wss://${agent.address}/pair`, ['farm-pair.1'], { rejectUnauthorized: false, localAddress });
    const idle = Array.from({ length: 20 }, () => pairAs('127.0.5.1'));
    const how = await Promise.all(
      idle.map(
        (socket) =>
          new Promise<'open' | 'refused'>((resolve) => {
            socket.on('open', () => resolve('open'));
            socket.on('error', () => resolve('refused'));
          }),
      ),
    );
    expect(how.filter((each) => each === 'open').length).toBeLessThanOrEqual(linkLimits.mostPairingsPerAddress);
    await links.pair(farm.pairRequest(agent.address, code));
    for (const socket of idle) socket.terminate();
  });
});

describe('unknown callers', () => {
  it('cannot write the log full by pairing without a code', async () => {
    const agent = await startTestAgent({ hurry: 4 });
    undo.push(agent.dispose);
    for (let time = 0; time < 60; time += 1)
      await errorOf(
        links.pair(
          farm.pairRequest(
            agent.address,
            agent.code().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
          ),
        ),
      );
    const said = agent.bench.logged.filter(({ event }) => event.startsWith('pairing-') || event === 'bug');
    expect(said.length).toBeLessThanOrEqual(6);
  }, 60_000);

  it('write five lines of one kind a minute, and one that says how many more there were', () => {
    const clock = createManualClock();
    const lines: unknown[] = [];
    const repeats = createRepeats({ warn: (event, fields) => lines.push([event, fields]) }, clock);
    for (let time = 0; time < 10_000; time += 1) repeats('pairing-refused', () => lines.push(time));
    repeats('connections-ended', () => lines.push('other'));
    expect(lines).toEqual([0, 1, 2, 3, 4, 'other']);
    clock.advance(60_000);
    expect(lines.slice(6)).toEqual([['pairing-refused', { more: 9995, seconds: 60 }]]);
    repeats('pairing-refused', () => lines.push('again'));
    expect(lines.at(-1)).toBe('again');
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
