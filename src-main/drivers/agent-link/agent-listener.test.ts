import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agentSubprotocol } from '#contract/agent/base.ts';
import { linkPath } from '#contract/agent/pairing.ts';
import type { AgentClient } from '../../ports/agent-writes.ts';
import { systemClock } from '../system/clock.ts';
import { startRelay } from './fixtures/relay.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from './fixtures/test-agent.ts';
import { errorOf, makeFarm, makeLinks, type TestFarm } from './fixtures/test-farm.ts';
import { openSocket } from './open-socket.ts';
import { rpcOverSocket } from './rpc-over-socket.ts';

let farm: TestFarm;
const links = makeLinks();
const undo: (() => Promise<unknown>)[] = [];
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

/** The core's certificate and a socket, but none of the manners of our own core. */
async function rudeCore(agent: TestAgent, address = agent.address) {
  const own = { cert: farm.identity.chainPem, key: farm.identity.keyPem };
  const names = { server: 'Oak', address };
  const { socket } = await openSocket({ clock: systemClock, names, own, check: () => {}, path: linkPath, subprotocol: agentSubprotocol });
  const gone = new AbortController();
  const ended = new Promise((resolve) => socket.on('close', resolve));
  undo.push(async () => {
    gone.abort(new Error('over'));
    socket.terminate();
  });
  const client: AgentClient = createORPCClient(rpcOverSocket(socket, names, gone.signal, () => {}));
  return { client, socket, ended };
}

const hello = (over: Partial<Parameters<AgentClient['link']['hello']>[0]> = {}) => ({
  farmId: farm.id,
  serverId: 'server-1',
  epoch: 1,
  coreVersion: '1',
  protocol: 1,
  nowMs: Date.now(),
  ...over,
});

describe('the agent’s listener', () => {
  it('answers nothing but hello before hello, and hello only to what the certificate says', async () => {
    const agent = await joined();
    const { client } = await rudeCore(agent);
    expect(await errorOf(client.instances.log({ instanceId: 'a', lines: 1 }))).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(await errorOf(client.link.leave({ farmId: farm.id }))).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    for (const wrong of [{ epoch: 2 }, { farmId: 'other' }, { serverId: 'server-2' }]) {
      expect(await errorOf(client.link.hello(hello(wrong)))).toMatchObject({ parameters: { cause: 'identity' } });
    }
    expect(agent.identity()).toMatchObject({ highestEpoch: 1, isConfirmed: false });
    expect(agent.bench.left).toEqual([]);
    await client.link.hello(hello());
    await expect(client.instances.log({ instanceId: 'a', lines: 1 })).resolves.toBeDefined();
  });

  it('ignores fields and commands that it does not know', async () => {
    const agent = await joined();
    const { client } = await rudeCore(agent);
    await expect(client.link.hello({ ...hello(), mood: 'new in protocol 1' } as ReturnType<typeof hello>)).resolves.toMatchObject({
      protocol: 1,
    });
    await expect(client.servers.facts()).rejects.toThrow(/NOT_FOUND/);
    await expect(client.link.hello(hello())).resolves.toBeDefined();
  });

  it('sends away who does not say hello', async () => {
    const agent = await joined({ hurry: 5 });
    const { ended } = await rudeCore(agent);
    await ended;
  });

  it('notices a core that is gone without a word, and ends its streams', async () => {
    const agent = await joined({ hurry: 20 });
    const relay = await startRelay(agent.port);
    undo.push(relay.close);
    const { client } = await rudeCore(agent, relay.address);
    await client.link.hello(hello());
    const stream = await client.instances.followLog({ instanceId: 'anna', lines: 0 });
    await stream.next();
    // An idle core that lives is left alone: it answers pings.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(agent.bench.endedStreams).toEqual([]);
    relay.stall();
    await expect.poll(() => agent.bench.endedStreams, { timeout: 5_000 }).toEqual(['followLog']);
    expect(agent.bench.logged.map(({ event }) => event)).toContain('core-gone');
  });

  it('survives messages that are none, from a core of its own farm', async () => {
    const agent = await joined();
    const { socket, client } = await rudeCore(agent);
    for (const noise of ['', 'null', '{"i":"1"}', '{"i":"9","t":3}', '{"i":"2","p":{"u":"/nothing/here"}}', Buffer.of(255, 1)])
      socket.send(noise);
    await expect(client.link.hello(hello())).resolves.toBeDefined();
  });

  it('counts tries also while its disk does not take them', async () => {
    const agent = await startTestAgent();
    undo.push(agent.dispose);
    const code = agent.code();
    // A folder in the way of the temporary file: every write of the count fails.
    await mkdir(join(agent.folder, 'link', 'pairing.json.new'));
    const wrong = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
    for (let time = 0; time < 5; time += 1) await errorOf(links.pair(farm.pairRequest(agent.address, wrong)));
    expect(await errorOf(links.pair(farm.pairRequest(agent.address, code)))).toMatchObject({ code: 'CODE_TRIES_EXHAUSTED' });
    expect(agent.identity()).toBeUndefined();
  });

  it('takes the farm again after a kill between the two files of a pairing', async () => {
    const agent = await startTestAgent();
    undo.push(agent.dispose);
    const code = agent.code();
    const path = join(agent.folder, 'link', 'pairing.json');
    const before = await readFile(path);
    await links.pair(farm.pairRequest(agent.address, code));
    await agent.close();
    await writeFile(path, before);
    const again = await startTestAgent({ folder: agent.folder });
    undo.push(again.close);
    const other = await makeFarm('0198c0de-0000-7000-8000-00000000000b');
    expect(await errorOf(links.pair(other.pairRequest(again.address, code)))).toMatchObject({ code: 'AGENT_IN_OTHER_FARM' });
    await links.pair(farm.pairRequest(again.address, code));
  });
});
