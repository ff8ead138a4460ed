import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { must, needPrograms, run } from '../fixtures/commands.ts';
import { type Created, type FarmCli, farmCli } from '../fixtures/farm-cli.ts';
import { createNetLab, type NetLab } from '../fixtures/net-lab.ts';
import { createPowerDns, type PowerDns } from '../fixtures/power-dns.ts';
import { farm, type Program, startProgram, until } from '../fixtures/program.ts';
import { layProgram, type RealAgent, realAgent } from '../fixtures/real-agent.ts';
import { createRunFolder } from '../fixtures/run-folder.ts';
import { type Found, processesOf } from '../fixtures/sweep.ts';

/**
 * A whole farm as it stands in the world: the domain in a real PowerDNS, three servers with addresses of their own on ports 443 and 80, each a network
 * namespace with the real agent in it, the core on a fourth machine, and a visitor on a fifth who knows nothing but the name server.
 */
const domain = 'farm.example';
const serverNames = ['alpha', 'bravo', 'cedar'] as const;
const apiKey = 'first-key-of-this-run';
const anyJson = z.unknown();

let runFolder: ReturnType<typeof createRunFolder>;
let folder: string;
let lab: NetLab;
let dns: PowerDns;
let program: Program;
let cli: FarmCli;
let keyFile: string;
let authorityFile: string;
const agents = new Map<string, RealAgent>();
const agentOf = (server: string): RealAgent => agents.get(server) ?? expect.fail(`no agent ${server}`);
const note = (...words: readonly string[]): void => void process.stdout.write(`${words.join(' ')}\n`);

async function dig(name: string, ...more: readonly string[]): Promise<string> {
  const answer = (await must('dig', `@${dns.address}`, '+norecurse', '+tries=1', '+time=2', name, 'A', ...more)).trim();
  note(`dig ${name} ${more.join(' ')}: ${answer.split('\n').find((line) => /status:|IN\s+A/.test(line)) ?? answer}`);
  return answer;
}

/** A visitor's curl: its own machine, its own resolver, the site authority and nothing else. Answers with the status, or with curl's own exit code as text. */
async function curl(...words: readonly string[]): Promise<string> {
  const [program = '', ...args] = [...lab.wrap('visitor'), 'curl', '-sS', '--max-time', '15', '--cacert', authorityFile];
  const { code, out, error } = await run(program, [...args, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', ...words]);
  const said = code === 0 ? out.trim() : `curl ${code}`;
  note(`curl ${words.join(' ').replace(/-u \S+/, '-u …')}: ${said} ${code === 0 ? '' : error.trim()}`);
  return said;
}

/** The processes of an instance, by the folder that their command lines name. */
const processesIn = (server: string, instanceId: string): readonly Found[] =>
  processesOf(join(agentOf(server).home, 'instances', instanceId));

async function isReady(server: string): Promise<void> {
  await until(`${server} is ready`, async () => ((await cli.server(server)).condition.code === 'ready' ? true : undefined), 40_000);
}

beforeAll(async () => {
  await needPrograms('pdns_server', 'sqlite3', 'dig', 'curl', 'ip');
  runFolder = createRunFolder('farm-netns');
  folder = runFolder.path;
  lab = await createNetLab([...serverNames, 'visitor']);
  const dnsFolder = join(folder, 'dns');
  mkdirSync(dnsFolder, { mode: 0o700 });
  dns = await createPowerDns(dnsFolder, lab.addressOf('hub'), lab.wrap('hub'));
  await dns.start(apiKey);
  await dns.createZone(domain);
  lab.useResolver('visitor', dns.address);
  const laid = layProgram(join(folder, 'program'), process.execPath);
  for (const name of serverNames) {
    const address = lab.addressOf(name);
    agents.set(
      name,
      realAgent({
        home: join(folder, name),
        command: [...lab.wrap(name), laid.node, laid.agent],
        listen: { link: `${address}:7443`, https: '0.0.0.0:443', http: '0.0.0.0:80' },
        // All three share one machine, and other tests its processor: what they offer is made up, what they use is measured.
        simulate: 'memoryBytes=4294967296,cpuMillicores=4000,diskBytes=64424509440',
        // Each has a network of its own, and with it the rules about who reaches a port.
        more: [],
      }),
    );
  }
  const home = join(folder, 'home');
  const started = await Promise.all([startProgram({ home }), ...[...agents.values()].map((agent) => agent.start())]);
  program = started[0];
  cli = farmCli(home);
  keyFile = join(folder, 'key');
  writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 });
  authorityFile = join(folder, 'site-authority.pem');
}, 120_000);

afterEach(({ task }) => {
  if (task.result?.state === 'fail') note([...agents].map(([name, agent]) => `${name}: ${agent.log()}`).join('\n'));
});

afterAll(async () => {
  await program?.stop();
  await dns?.stop();
  await lab?.remove();
  runFolder?.remove();
}, 60_000);

describe('a farm of three servers on port 443, its domain in PowerDNS', () => {
  let anna: Created;

  it('is started, and its servers join by their codes', async () => {
    await cli.json(anyJson, ['settings', 'start-farm', 'Netns farm', '--farm-language', 'en']);
    const wrong = join(folder, 'wrong-key');
    writeFileSync(wrong, 'not-the-key\n');
    const refused = await farm(program.home, 'domains', 'add', domain, '--powerdns', dns.url, '--api-key-file', wrong);
    expect(refused.error).toContain('does not accept the key');
    // No --name-server: the zone's own NS record and its address lead to port 53.
    await cli.json(anyJson, ['domains', 'add', domain, '--powerdns', dns.url, '--api-key-file', keyFile]);
    for (const name of serverNames) {
      const server = await cli.addServer(name, lab.addressOf(name), await agentOf(name).code());
      expect(server).toMatchObject({ name, isIsolated: true, isSimulated: true, httpsPort: 443, httpPort: 80 });
      expect(server.publicAddresses.map(({ address }) => address)).toEqual([lab.addressOf(name)]);
      expect(existsSync(join(agentOf(name).home, 'pairing-code.json'))).toBe(false);
    }
    await cli.json(anyJson, ['certificates', 'site-authority', '--out', authorityFile]);
  });

  it('creates TiddlyWiki: the record, no entry without the password, the first password', async () => {
    expect(await dig(`anna.${domain}`)).toContain('status: NXDOMAIN');
    const startedMs = performance.now();
    anna = await cli.create('anna', 'tiddlywiki');
    note(`create anna: ${Math.round(performance.now() - startedMs)} ms by the command line; ${anna.placement.join(' | ')}`);
    expect(anna.url).toBe(`https://anna.${domain}`);
    const { server } = anna.instance;
    expect(await dig(`anna.${domain}`, '+short')).toBe(lab.addressOf(server?.name ?? ''));
    const { userName, password } = anna.handOver;
    const status = `${anna.url}/status`;
    expect(await curl(status)).toBe('401');
    expect(await curl('-u', `${userName}:${password}`, status)).toBe('200');
    expect(await curl('-u', `${userName}:wrong`, status)).toBe('401');
    expect(await curl(`http://anna.${domain}/status`)).toBe(`301 ${status}`);
  });

  it('serves nobody whom it does not know', async () => {
    const address = lab.addressOf(anna.instance.server?.name ?? '');
    expect(await dig(`nobody.${domain}`)).toContain('status: NXDOMAIN');
    expect(await curl(`https://nobody.${domain}/`)).toBe('curl 6');
    const there = ['--resolve', `nobody.${domain}:443:${address}`, '--resolve', `nobody.${domain}:80:${address}`];
    expect(await curl('--http2', ...there, `https://nobody.${domain}/`)).toBe('421');
    expect(await curl('--http1.1', ...there, `https://nobody.${domain}/`)).toBe('404');
    expect(await curl(...there, `http://nobody.${domain}/`)).toBe('404');
    // The authority may speak for the farm's domain only, and an address is not a name.
    expect(await curl(`https://${address}/`)).toMatch(/^curl (35|60)$/);
  });

  it('gives every instance its own user, a closed folder, and a server with room', async () => {
    const bert = await cli.create('bert', 'tiddlywiki');
    note(`create bert: ${bert.placement.join(' | ')}`);
    expect(bert.instance.server?.name).not.toBe(anna.instance.server?.name);
    const users = [anna, bert].map(({ instance }) => {
      const server = instance.server?.name ?? '';
      const path = join(agentOf(server).home, 'instances', instance.id);
      const { uid, mode } = statSync(path);
      expect(mode & 0o777).toBe(0o700);
      const running = processesIn(server, instance.id);
      expect(running.length).toBeGreaterThan(0);
      for (const { userId } of running) expect(userId).toBe(uid);
      note(
        `${instance.name} on ${server}: user ${uid}, folder ${(mode & 0o777).toString(8)}, processes ${running.map((one) => one.processId).join(' ')}`,
      );
      return uid;
    });
    expect(users[0]).toBeGreaterThanOrEqual(70_000);
    expect(new Set(users).size).toBe(2);
    // One tenant cannot read another's files, nor the agent's keys.
    const readAs = (uid: number | undefined, path: string) =>
      run('setpriv', ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', 'ls', path]);
    const other = join(agentOf(bert.instance.server?.name ?? '').home, 'instances', bert.instance.id);
    expect((await readAs(users[0], other)).code).not.toBe(0);
    expect((await readAs(users[1], other)).code).toBe(0);
    expect((await readAs(users[0], join(agentOf('alpha').home, 'state'))).code).not.toBe(0);
  });

  it('keeps serving while its agent is killed, and the agent takes the same process back', async () => {
    const server = anna.instance.server?.name ?? '';
    const before = processesIn(server, anna.instance.id).map(({ processId }) => processId);
    process.kill(agentOf(server).about().processId, 'SIGKILL');
    expect(await curl(`${anna.url}/status`)).toBe('401');
    const silent = await until(
      'the silence has a name',
      async () => {
        const { condition } = await cli.server(server);
        return condition.code === 'agent' ? condition : undefined;
      },
      40_000,
    );
    expect(silent.mark).toBe('bad');
    expect((await farm(program.home, 'servers', 'show', server)).out).toContain('Agent is silent');
    expect(await curl(`${anna.url}/status`)).toBe('401');
    await agentOf(server).start();
    await isReady(server);
    expect(processesIn(server, anna.instance.id).map(({ processId }) => processId)).toEqual(before);
    const seen = await until(
      'the instance is seen again',
      async () => {
        const instance = await cli.instance('anna');
        return instance.condition.code === 'running' ? instance : undefined;
      },
      20_000,
    );
    expect(seen.restarts).toBe(0);
  });

  it('says what is the matter when the way to a server is cut, and recovers by itself', async () => {
    const server = anna.instance.server?.name ?? '';
    await lab.setLink(server, 'down');
    const startedMs = performance.now();
    const cut = await until(
      'the cut has a name',
      async () => {
        const { condition } = await cli.server(server);
        return ['network', 'agent-or-network'].includes(condition.code) ? condition : undefined;
      },
      60_000,
    );
    const { out } = await farm(program.home, 'servers', 'check', server);
    note(
      `cut: ${cut.code} after ${Math.round(performance.now() - startedMs)} ms; ${
        out
          .split('\n')
          .filter((line) => line !== '')
          .at(-1) ?? ''
      }`,
    );
    expect(out.toLowerCase()).not.toContain('offline');
    expect(out).toMatch(/No way there|No answer/);
    expect(await curl('--connect-timeout', '3', `${anna.url}/status`)).toMatch(/^curl (7|28)$/);
    await lab.setLink(server, 'up');
    await isReady(server);
    expect(await curl(`${anna.url}/status`)).toBe('401');
  });

  it('sends nothing new to a server that is being emptied', async () => {
    const drained = anna.instance.server?.name ?? '';
    await cli.json(anyJson, ['servers', 'drain', drained]);
    const made = [
      await cli.create('carl', 'static-site'),
      await cli.create('dora', 'static-site'),
      await cli.create('emil', 'static-site'),
    ];
    for (const one of made) expect(one.instance.server?.name).not.toBe(drained);
    expect(made[0]?.placement.find((sentence) => sentence.startsWith(`${drained}:`))).toBeDefined();
    note(made[0]?.placement.join(' | ') ?? '');
    expect(await curl(`${made[0]?.url}/`)).toBe('200');
    expect(await curl(`${anna.url}/status`)).toBe('401');
    for (const name of ['dora', 'emil']) await cli.remove(name);
    await cli.json(anyJson, ['servers', 'undrain', drained]);
  });
});

describe('a name server that does not do its part', () => {
  const cases = [
    {
      name: 'fred',
      what: 'holds its breath',
      code: 'DNS_SLOW',
      sentence: `The name server ${'{server}'} of ${domain} did not answer about fred.${domain} within 10 s. Continue to ask again.`,
      break: async () => dns.hold(true),
      mend: async () => dns.hold(false),
    },
    {
      name: 'gerd',
      what: 'is not there',
      code: 'DNS_REFUSED',
      sentence: `Nothing answers at the name server ${'{server}'} of ${domain}. Start it or open the way to it, then continue.`,
      break: async () => dns.stop(),
      mend: async () => dns.start(apiKey),
    },
    {
      name: 'hans',
      what: 'has another key now',
      code: 'DNS_CREDENTIALS',
      sentence: `The name server ${'{server}'} of ${domain} does not accept the key.`,
      break: async () => {
        await dns.stop();
        await dns.start('another-key');
      },
      // As a person does who was told the new key.
      mend: async () => {
        writeFileSync(keyFile, 'another-key\n');
        await cli.json(anyJson, ['domains', 'update', domain, '--api-key-file', keyFile]);
      },
    },
  ];
  it.each(cases)('that $what: the job stops with its sentence, and Continue ends it', async (one) => {
    await one.break();
    const stopped = await cli.createStopped(one.name, 'static-site').finally(one.mend);
    note(`${one.what}: ${stopped.failure.code} "${stopped.failure.sentence}"`);
    expect(stopped).toMatchObject({ job: { state: 'stopped', canUndo: true }, failure: { code: one.code } });
    expect(stopped.failure.sentence).toContain(one.sentence.replace('{server}', new URL(dns.url).host));
    expect(stopped.job.steps.find((step) => step.state === 'failed')?.name).toBe('dns');
    expect((await cli.continueJob(stopped.job.id)).job.state).toBe('done');
    expect(await curl(`https://${one.name}.${domain}/`)).toBe('200');
    await cli.remove(one.name);
  });
});

describe('the end', () => {
  it('of an instance is proved: record, process, folder and user are gone', async () => {
    const { instance } = await cli.json(z.object({ instance: z.looseObject({ id: z.string(), server: z.object({ name: z.string() }) }) }), [
      'instances',
      'show',
      'anna',
    ]);
    const server = instance.server.name;
    const home = agentOf(server).home;
    const { uid } = statSync(join(home, 'instances', instance.id));
    const { proof } = await cli.remove('anna');
    for (const leftover of proof) note(`proof: ${leftover.code} ${leftover.isPresent ? 'THERE' : 'gone'} (${leftover.witness})`);
    expect(proof.filter(({ isPresent }) => isPresent)).toEqual([]);
    expect(new Set(proof.map(({ code }) => code))).toEqual(
      new Set(['process', 'folder', 'user', 'port', 'log', 'route', 'record', 'package', 'row']),
    );
    expect(await dig(`anna.${domain}`)).toContain('status: NXDOMAIN');
    expect(processesIn(server, instance.id)).toEqual([]);
    expect(processesOf(folder).filter(({ userId }) => userId === uid)).toEqual([]);
    expect(readdirSync(join(home, 'instances'))).not.toContain(instance.id);
    expect((await must('find', home, '-uid', String(uid))).trim()).toBe('');
    expect(await curl('--resolve', `anna.${domain}:443:${lab.addressOf(server)}`, '--http2', `https://anna.${domain}/status`)).toBe('421');
  });

  it('of a server: not while something stands on it; then it forgets the farm and shows a code again', async () => {
    const { server } = await cli.instance('carl');
    const name = server?.name ?? '';
    const refused = await farm(program.home, 'servers', 'remove', name, '--yes');
    expect(refused.code).toBe(4);
    for (const one of ['bert', 'carl']) if ((await cli.instance(one)).server?.name === name) await cli.remove(one);
    await cli.json(anyJson, ['servers', 'remove', name, '--yes']);
    expect(await agentOf(name).code()).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/);
    const { servers } = await cli.json(z.object({ servers: z.array(z.looseObject({ name: z.string() })) }), ['servers', 'list']);
    expect(servers.map((one) => one.name)).not.toContain(name);
    // Nothing of the farm is left on it: no edge, no certificate, no key of the farm.
    expect(processesOf(join(agentOf(name).home, 'edge'))).toEqual([]);
    expect((await run('grep', ['-rlE', 'PRIVATE KEY', join(agentOf(name).home, 'edge')])).out).toBe('');
    // And it may join again.
    await cli.addServer(name, lab.addressOf(name), await agentOf(name).code());
    await isReady(name);
  });
});
