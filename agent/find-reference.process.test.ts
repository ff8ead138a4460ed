import { appendFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseOs } from './os/choose-os.ts';
import { agentKeyOf } from './start-agent.ts';
import { temporaryHome } from './testing/test-agent.ts';
import { openTestFarm, type RunningAgent, startAgentProcess, type TestFarm } from './testing/test-core.ts';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const os = chooseOs();
let farm: TestFarm;
let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let home = '';
let agent: RunningAgent;

beforeEach(async () => {
  farm = await openTestFarm();
  temporary = await temporaryHome();
  home = temporary.folders.home;
  await farm.adopt(home);
  agent = await startAgentProcess(script, home);
});
afterEach(async () => {
  agent.kill('SIGKILL');
  await agent.exited;
  for (const identity of [...os.findMarked(`edge-${agentKeyOf(home)}`).values()].flat()) await os.killTree(identity);
  await temporary.remove();
});

/** The page of a host that nobody has, over plain HTTP. */
function pageOf(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, headers: { host, accept: 'application/json' } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => resolve((JSON.parse(body) as { reference: string }).reference));
    }).on('error', reject);
  });
}

test('an agent leads references on, of pages and of its own faults, in this life and in the next; what is none it does not know', async () => {
  const reference = await pageOf(agent.address.httpPort, 'nobody.example');
  const bug = { at: '2026-11-29T10:00:00.000Z', level: 'bug', event: 'bug', reference: '0a1b2c3d4e', message: 'lost', stack: 'at main.ts' };
  await appendFile(join(home, 'logs', 'agent.log'), `${JSON.stringify(bug)}\n`);
  const look = async () => {
    const { client, close } = await farm.dial(agent.address.linkPort);
    expect(await client.servers.findReference({ reference })).toMatchObject({
      page: { reference, kind: 'unknown', status: 404, host: 'nobody.example' },
      logged: { log: 'edge.log', line: expect.stringContaining(`"reference":"${reference}"`) },
    });
    expect(await client.servers.findReference({ reference: '0a1b2c3d4e' })).toEqual({
      logged: { log: 'agent.log', atMs: Date.parse(bug.at), line: expect.not.stringContaining('main.ts') },
    });
    for (const none of ['', '../../state/link/key.pem', '\u0000', '"', '.*', '0'.repeat(40)])
      expect(await client.servers.findReference({ reference: none }), none).toEqual({});
    await expect(client.servers.findReference({ reference: 'x'.repeat(41) })).rejects.toThrow();
    close();
  };
  await look();
  agent.kill('SIGKILL');
  await agent.exited;
  agent = await startAgentProcess(script, home);
  await look();
}, 40_000);
