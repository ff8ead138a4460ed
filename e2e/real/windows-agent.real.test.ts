import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { history } from '#contract/api/monitoring.ts';
import { must, needPrograms, run } from '../fixtures/commands.ts';
import { type Created, type FarmCli, farmCli } from '../fixtures/farm-cli.ts';
import { createNetLab, type NetLab } from '../fixtures/net-lab.ts';
import { createPowerDns, type PowerDns } from '../fixtures/power-dns.ts';
import { farm, type Program, startProgram, until } from '../fixtures/program.ts';
import { layProgram, type RealAgent, realAgent } from '../fixtures/real-agent.ts';
import { createRunFolder } from '../fixtures/run-folder.ts';
import { type Found, processesOf } from '../fixtures/sweep.ts';
import { createWine, type Wine } from '../fixtures/wine.ts';

/**
 * A server with Windows: the same bundles of agent and edge under the real node.exe, on ports 443 and 80 of an address of its own. Wine gives it the
 * system calls; services, users, access lists and the firewall it does not have, and agent/os/windows/README.md lists what waits for them.
 */
const domain = 'windows.example';
const apiKey = 'key-of-this-run';
const anyJson = z.unknown();

let runFolder: ReturnType<typeof createRunFolder>;
let folder: string;
let lab: NetLab;
let dns: PowerDns;
let wine: Wine;
let agent: RealAgent;
let program: Program;
let cli: FarmCli;
let authorityFile: string;
let anna: Created;

const note = (...words: readonly string[]): void => void process.stdout.write(`${words.join(' ')}\n`);

async function curl(...words: readonly string[]): Promise<string> {
  const [command = '', ...args] = [...lab.wrap('visitor'), 'curl', '-sS', '--max-time', '20', '--cacert', authorityFile];
  const { code, out, error } = await run(command, [...args, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', ...words]);
  const said = code === 0 ? out.trim() : `curl ${code}`;
  note(`curl ${words.join(' ').replace(/-u \S+/, '-u …')}: ${said} ${code === 0 ? '' : error.split('\n')[0]}`);
  return said;
}

const windowsProcesses = (pattern: RegExp): readonly Found[] =>
  processesOf(wine.environment['WINEPREFIX'] ?? '').filter(({ command }) => /node\.exe/.test(command) && pattern.test(command));

beforeAll(async () => {
  await needPrograms('wine', 'wineboot', 'wineserver', 'pdns_server', 'sqlite3', 'dig', 'curl', 'ip', 'tar');
  runFolder = createRunFolder('farm-windows');
  folder = runFolder.path;
  lab = await createNetLab(['windows', 'visitor']);
  dns = await createPowerDns(folder, lab.addressOf('hub'), lab.wrap('hub'));
  await dns.start(apiKey);
  await dns.createZone(domain);
  lab.useResolver('visitor', dns.address);
  const startedMs = performance.now();
  wine = await createWine();
  note(`Wine with Node for Windows: ready after ${Math.round(performance.now() - startedMs)} ms`);
  const laid = layProgram(join(wine.drive, 'Program Files', 'Farmstead'), wine.node);
  expect(existsSync(laid.agent)).toBe(true);
  agent = realAgent({
    home: join(wine.drive, 'ProgramData', 'Farm home'),
    homeAs: 'C:\\ProgramData\\Farm home',
    command: [...lab.wrap('windows'), 'wine', 'C:\\Program Files\\Farmstead\\node.exe', 'C:\\Program Files\\Farmstead\\agent.cjs'],
    listen: { link: `${lab.addressOf('windows')}:7443`, https: '0.0.0.0:443', http: '0.0.0.0:80' },
    simulate: 'memoryBytes=4294967296,cpuMillicores=4000,diskBytes=64424509440',
    environment: wine.environment,
    patienceMs: 60_000,
  });
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  program = await startProgram({ home });
  cli = farmCli(home);
  authorityFile = join(folder, 'site-authority.pem');
}, 240_000);

afterEach(({ task }) => {
  if (task.result?.state === 'fail') note(agent.log());
});

afterAll(async () => {
  await program?.stop();
  await dns?.stop();
  await wine?.remove();
  await lab?.remove();
  runFolder?.remove();
}, 60_000);

describe('a server with Windows', () => {
  it('starts its agent, which starts the edge, and pairs with a core on Linux', async () => {
    const about = await agent.start();
    expect(about).toMatchObject({ httpsPort: 443, httpPort: 80, linkPort: 7443 });
    await cli.json(anyJson, ['settings', 'start-farm', 'Windows farm', '--farm-language', 'en']);
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, apiKey, { mode: 0o600 });
    await cli.json(anyJson, ['domains', 'add', domain, '--powerdns', dns.url, '--api-key-file', keyFile]);
    const server = await cli.addServer('willow', lab.addressOf('windows'), await agent.code());
    await cli.json(anyJson, ['certificates', 'site-authority', '--out', authorityFile]);
    note(
      `willow: ${server.os} ${server.osVersion} ${server.arch}, agent ${server.agentVersion}, addresses ${server.publicAddresses.map(({ address }) => address).join(' ')}`,
    );
    expect(server.os).toMatch(/Windows/);
    expect(server.osVersion).toMatch(/^10\.0\.\d+/);
    expect(server).toMatchObject({ arch: 'x64', isIsolated: false, condition: { mark: 'good' } });
    expect(server.publicAddresses.map(({ address }) => address)).toEqual([lab.addressOf('windows')]);
    // What it cannot do it says, and does not pretend.
    expect((await farm(program.home, 'servers', 'show', 'willow')).code).toBe(0);
  }, 120_000);

  it('gets the payload that was built for Windows, and serves TiddlyWiki through its edge', async () => {
    const startedMs = performance.now();
    anna = await cli.create('anna', 'tiddlywiki');
    note(`create anna on Windows: ${Math.round(performance.now() - startedMs)} ms by the command line`);
    const status = `${anna.url}/status`;
    const { userName, password } = anna.handOver;
    expect(await curl(status)).toBe('401');
    expect(await curl('-u', `${userName}:${password}`, status)).toBe('200');
    expect(
      await curl(
        '-u',
        `${userName}:${password}`,
        '-X',
        'PUT',
        '-H',
        'x-requested-with: TiddlyWiki',
        '-d',
        '{"title":"Hello","text":"there"}',
        `${anna.url}/recipes/default/tiddlers/Hello`,
      ),
    ).toBe('204');
    expect(await curl(`http://anna.${domain}/status`)).toBe(`301 ${status}`);
    await until(
      'the note is on the disk',
      () => existsSync(join(agent.home, 'instances', anna.instance.id, 'wiki', 'tiddlers', 'Hello.tid')) || undefined,
      15_000,
    );
    // Secrets stay out of command lines there too.
    expect(windowsProcesses(/tiddlywiki\.js/).length).toBe(1);
    for (const { command } of processesOf(wine.environment['WINEPREFIX'] ?? '')) expect(command).not.toContain(password);
  }, 180_000);

  it('tells how it answers and what its disk holds; what Windows does not tell is absent, not zero', async () => {
    const sinceMs = Date.now();
    const { id } = await cli.server('willow');
    const measuredOf = async (path: string): Promise<readonly string[]> => {
      const asked = `${path}/history?sinceMs=${sinceMs}&untilMs=${Date.now() + 60_000}&points=60`;
      const { series } = history.parse(await program.call('GET', asked));
      return series.filter(({ values }) => values.some((value) => value !== null)).map(({ metric }) => metric);
    };
    const [server, instance] = [`/servers/${id}`, `/instances/${anna.instance.id}`];
    const isMeasured = async () => ((await measuredOf(server)).length > 0 && (await measuredOf(instance)).length > 0 ? true : undefined);
    await until('measurements of both', isMeasured, 30_000);
    expect(await measuredOf(server)).toEqual(['disk']);
    expect(await measuredOf(instance)).toEqual(['answer']);
  }, 60_000);

  it('keeps serving while its agent is killed, and the agent takes the same process back', async () => {
    const [before] = windowsProcesses(/tiddlywiki\.js/);
    const [victim] = windowsProcesses(/agent\.cjs/);
    process.kill(victim?.processId ?? expect.fail('no agent'), 'SIGKILL');
    expect(await curl(`${anna.url}/status`)).toBe('401');
    await agent.start();
    await until('willow is ready', async () => ((await cli.server('willow')).condition.code === 'ready' ? true : undefined), 60_000);
    expect(windowsProcesses(/tiddlywiki\.js/)).toEqual([before]);
    expect(windowsProcesses(/--pipe-slot/).length).toBe(1);
    expect((await cli.instance('anna')).restarts).toBe(0);
    expect(await curl(`${anna.url}/status`)).toBe('401');
  }, 120_000);

  it('hands its sockets over to a new edge that comes with a new agent', async () => {
    const [before] = windowsProcesses(/--pipe-slot/);
    process.kill(windowsProcesses(/agent\.cjs/)[0]?.processId ?? expect.fail('no agent'), 'SIGKILL');
    // Another bundle by its hash, and the same by what it does.
    appendFileSync(join(wine.drive, 'Program Files', 'Farmstead', 'edge.cjs'), '\n// newer\n');
    await agent.start();
    await until(
      'the new edge serves',
      () => (windowsProcesses(/--pipe-slot/).some(({ processId }) => processId !== before?.processId) ? true : undefined),
      30_000,
    );
    expect(await curl(`${anna.url}/status`)).toBe('401');
    await until('the old edge is gone', () => (windowsProcesses(/--pipe-slot/).length === 1 ? true : undefined), 30_000);
    expect(await curl(`${anna.url}/status`)).toBe('401');
  }, 120_000);

  it('stops, starts, and removes it with proof', async () => {
    await cli.json(anyJson, ['instances', 'stop', 'anna']);
    expect(windowsProcesses(/tiddlywiki\.js/)).toEqual([]);
    await cli.json(anyJson, ['instances', 'start', 'anna']);
    expect(await curl(`${anna.url}/status`)).toBe('401');
    const { proof } = await cli.remove('anna');
    for (const leftover of proof) note(`proof: ${leftover.code} ${leftover.isPresent ? 'THERE' : 'gone'} (${leftover.witness})`);
    expect(proof.filter(({ isPresent }) => isPresent)).toEqual([]);
    expect(await must('dig', `@${dns.address}`, '+norecurse', `anna.${domain}`, 'A')).toContain('status: NXDOMAIN');
    expect(windowsProcesses(/tiddlywiki\.js/)).toEqual([]);
    expect(readdirSync(join(agent.home, 'instances'))).toEqual([]);
    expect(readdirSync(join(agent.home, 'packages'))).toEqual([]);
  }, 120_000);

  it('leaves the farm, and its edge with it', async () => {
    await cli.json(anyJson, ['servers', 'remove', 'willow', '--yes']);
    expect(await agent.code()).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/);
    expect(windowsProcesses(/agent\.cjs/).length).toBe(1);
    expect(windowsProcesses(/--pipe-slot/)).toEqual([]);
  }, 60_000);
});
