import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { keyWords } from '#words/key-words.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { type FarmTerminal, type RanFarm, runFarm } from '../../testing/run-farm.ts';
import { commands } from './commands/index.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 3 });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const farm = (line: readonly string[], more: Partial<FarmTerminal> = {}): Promise<RanFarm> => runFarm(line, { home: core.home, ...more });

describe('the table of commands', () => {
  const lines = commands.map((command) => [command.area, command.verb].filter((word) => word !== ''));
  test.each(['en', 'ru'] as const)('every command has help in %s', async (language) => {
    for (const words of lines) {
      const { code, out, error } = await farm([...words, '--help', '--language', language]);
      expect([code, error], words.join(' ')).toEqual([0, '']);
      expect(out).toContain(`farm ${words.join(' ')}`);
      expect(/\p{Script=Cyrillic}/u.test(out)).toBe(language === 'ru');
    }
  });

  test('no command stands there twice', () => {
    expect(new Set(lines.map((words) => words.join(' '))).size).toBe(lines.length);
  });
});

describe('a wrong command line is exit code 2, in words', () => {
  test.each([
    [['nonsense'], 'There is no area nonsense.'],
    [['instances', 'fly'], 'There is no command instances fly.'],
    [['instances', 'show'], 'Something is missing: name.'],
    [['instances', 'show', 'a', 'b'], 'There is a word too many: b.'],
    [['instances', 'list', '--colour'], 'There is no option --colour here.'],
    [['instances', 'list', '--limit', 'many'], '--limit takes a whole number from 1 to 500.'],
    [['instances', 'list', '--sort', 'size'], '--sort takes one of: state,'],
    [['instances', 'create'], 'The option --name is needed.'],
    [['instances', 'create', '--name'], 'The value of --name is missing or not right.'],
    [['instances', 'create', '--name', 'x', '--parameter', 'nothing'], '--parameter takes KEY=VALUE, not nothing.'],
    [['instances', 'remove', 'anna'], 'Add --yes'],
    [['instances', 'list', '--request-key', 'short'], 'The value of --request-key is missing or not right.'],
    [['domains', 'add', 'x.example'], 'either --powerdns URL or --builtin'],
  ])('%j', async (words, sentence) => {
    const { code, out, error } = await farm(words);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(sentence);
    const asJson = await farm([...words, '--json']);
    expect(asJson.code).toBe(2);
    expect(asJson.json()).toMatchObject({ error: { code: 'USAGE', sentence: expect.any(String) } });
  });
});

test('without a running program it says how to start it: exit code 5', async () => {
  const { code, out, error } = await farm(['instances', 'list'], { home: '/nowhere/farm' });
  expect([code, out]).toEqual([5, '']);
  expect(error).toBe('No Farmstead is running for /nowhere/farm. Start it with: npm start\n');
  const ru = await farm(['status', '--json'], { home: '/nowhere/farm', environment: { LANG: 'ru_RU.UTF-8' } });
  expect(ru.code).toBe(5);
  expect(ru.json()).toMatchObject({ error: { code: 'NO_PROGRAM_RUNNING', sentence: expect.stringMatching(/\p{Script=Cyrillic}/u) } });
});

test('options of every command may stand first', async () => {
  const { code, json } = await farm(['--json', '--home', core.home, 'servers', 'list'], { home: '/nowhere' });
  expect(code).toBe(0);
  expect(json()).toMatchObject({ servers: expect.any(Array) });
  expect((await farm(['--json'])).code).toBe(2);
});

describe('the farm', () => {
  test('status waits until it is ready', async () => {
    const { code, json } = await farm(['status', '--wait', '--json']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ isReady: true, origin: http.origin, processId: process.pid, servers: 3, farm: { name: 'Test farm' } });
  });

  test('lists for people: columns on a terminal with colours, plain without', async () => {
    const plain = await farm(['servers', 'list']);
    expect(plain.out).toMatch(/^State\s+Name\s+Address/);
    expect(plain.out).not.toContain('\u001b');
    const coloured = await farm(['servers', 'list'], { isTerminal: true });
    expect(coloured.out).toContain('\u001b[32m✓ Ready\u001b[0m');
    const none = await farm(['servers', 'list'], { isTerminal: true, environment: { NO_COLOR: '1' } });
    expect(none.out).not.toContain('\u001b');
    for (const name of ['Oak', 'Pine', 'Larch']) expect(plain.out).toContain(name);
  });

  test.each([
    ['packages', 'list'],
    ['plans', 'list'],
    ['placement', 'propose'],
    ['customers', 'list'],
    ['domains', 'list'],
    ['domains', 'show', 'farm.test'],
    ['certificates', 'list'],
    ['certificates', 'site-authority'],
    ['settings', 'show'],
    ['jobs', 'list'],
    ['instances', 'list'],
    ['servers', 'show', 'oak'],
    ['servers', 'check', 'oak'],
    ['servers', 'confirm', 'oak'],
    ['instances', 'check-name', 'vera'],
  ])('%s %s answers people, and scripts with one document', async (...words) => {
    const human = await farm(words);
    expect([human.code, human.error]).toEqual([0, '']);
    expect(human.out.trim()).not.toBe('');
    const script = await farm([...words, '--json']);
    expect([script.code, script.error]).toEqual([0, '']);
    expect(typeof script.json()).toBe('object');
  });

  test('plans have their names in the language of the reader, not of the farm', async () => {
    expect((await farm(['plans', 'list', '--package', 'static-site', '--language', 'en'])).out).toMatch(/S +Small/);
    expect((await farm(['plans', 'list', '--package', 'static-site', '--language', 'ru'])).out).toMatch(/S +Малый/);
  });

  test('a public address that is none is refused with what to type', async () => {
    const { code, error } = await farm(['servers', 'confirm', 'oak', '--address', 'oak.example']);
    expect([code, error]).toEqual([4, expect.stringContaining('oak.example is a name.')]);
  });

  test('a name that cannot be an address comes with one that can', async () => {
    const { code, out } = await farm(['instances', 'check-name', 'Анна']);
    expect(code).toBe(4);
    expect(out).toContain('This one would be free: anna');
  });

  test('a domain tells what stands in its zone, and goes when it is asked to and nobody needs it', async () => {
    const told = (await farm(['domains', 'show', 'farm.test'])).out;
    expect(told).toContain('✓ No wildcard record answers for names without a record\n');
    expect(told).toContain('✓ Better here: one record for each instance, as the farm makes them\n    Nobody but the farm writes');
    expect((await farm(['domains', 'show', 'farm.test', '--language', 'ru'])).out).toContain('отдельная запись для каждого экземпляра');
    expect((await farm(['domains', 'show', 'farm.test', '--json'])).json()).toMatchObject({
      domain: { name: 'farm.test' },
      inspection: { advice: { code: expect.any(String) }, reach: { kind: 'own' } },
    });
    expect((await farm(['domains', 'add', 'spare.test', '--builtin'])).code).toBe(0);
    expect((await farm(['domains', 'wildcard', 'spare.test'])).error).toContain('either --server NAME or --off');
    expect((await farm(['domains', 'wildcard', 'spare.test', '--server', 'oak'])).out).toContain('*.spare.test leads to Oak.');
    expect((await farm(['domains', 'show', 'spare.test'])).out).toContain('The farm keeps *.spare.test leading to Oak');
    expect((await farm(['domains', 'wildcard', 'spare.test', '--off'])).out).toContain('Every instance has a record of its own.');
    expect((await farm(['domains', 'remove', 'spare.test'])).code).not.toBe(0);
    const removed = await farm(['domains', 'remove', 'spare.test', '--yes']);
    expect([removed.code, removed.out]).toEqual([0, expect.stringContaining('spare.test is no longer in the farm.\n')]);
    expect(removed.out).toContain('No zone spare.test at the built-in name server');
    expect((await farm(['domains', 'show', 'spare.test'])).code).toBe(3);
  });

  test('a certificate is made anew, followed to its end', async () => {
    const before = (await farm(['certificates', 'list', '--json'])).json();
    const renewed = await farm(['certificates', 'renew', 'farm.test']);
    expect([renewed.code, renewed.out]).toEqual([0, expect.stringContaining('*.farm.test was made anew.')]);
    expect(renewed.out).toContain('A certificate for *.farm.test on Oak');
    expect((await farm(['certificates', 'list', '--json'])).json()).not.toEqual(before);
    expect((await farm(['certificates', 'renew', 'site-authority'])).code).toBe(3);
  });

  test('what is not there is exit code 3, what is refused 4', async () => {
    expect((await farm(['instances', 'show', 'nobody'])).code).toBe(3);
    expect((await farm(['servers', 'show', 'nobody'])).code).toBe(3);
    expect((await farm(['jobs', 'show', 'nobody'])).code).toBe(3);
    const refused = await farm(['instances', 'create', '--name', 'www', '--json']);
    expect(refused.code).toBe(4);
    expect(refused.json()).toMatchObject({ error: { code: 'NAME_RESERVED', sentence: expect.stringContaining('www') } });
  });
});

test('a server that joins shows the words of its key, and what to do when they differ', async () => {
  const agent = await core.addServer('Ash');
  await farm(['servers', 'remove', 'Ash', '--yes']);
  const words = keyWords(agent.fingerprint);
  const line = ['servers', 'add', 'ash.test', '--code', agent.code, '--name', 'Ash'];
  const added = await farm(line);
  expect([added.code, added.error]).toEqual([0, '']);
  expect(added.out).toMatch(new RegExp(`Key in words +${words.join(' ')}\n`));
  expect(added.out).toContain('Does the new server show the same four words?');
  expect(added.out).toContain('farm servers remove "Ash"');
  expect((await farm(['servers', 'show', 'Ash', '--language', 'ru'])).out).toMatch(new RegExp(`Ключ словами +${words.join(' ')}\n`));
  const shown = await farm(['servers', 'show', 'Ash', '--json']);
  expect(shown.json()).toMatchObject({ server: { name: 'Ash', keyFingerprint: agent.fingerprint }, keyWords: words });
  await farm(['servers', 'remove', 'Ash', '--yes']);
  Object.assign(agent.facts, { edgeAddress: '127.0.0.1' });
  expect((await farm(line)).out).toContain('The edge of Ash listens on loopback only');
  await farm(['servers', 'remove', 'Ash', '--yes']);
  expect((await farm([...line, '--json'])).json()).toMatchObject({ server: { name: 'Ash' }, keyWords: words });
  core.links.cut('ash.test:7443', true);
  const silent = await farm(['servers', 'remove', 'Ash', '--yes', '--json']);
  expect([silent.code, silent.json()]).toMatchObject([1, { job: { state: 'stopped' }, failure: { code: 'SERVER_UNREACHABLE' } }]);
  const given = await farm(['servers', 'remove', 'Ash', '--yes', '--give-up']);
  expect([given.code, given.out]).toEqual([0, expect.stringContaining('Its agent could not be told')]);
});

describe('an instance', () => {
  test('is created, handed over, shown, asked about, held and removed', async () => {
    const created = await farm(['instances', 'create', '--name', 'anna', '--package', 'tiddlywiki', '--customer', 'Анна', '--json']);
    expect(created.error).toBe('');
    expect(created.code).toBe(0);
    const answer = created.json();
    expect(answer).toMatchObject({
      job: { state: 'done' },
      instance: { name: 'anna' },
      url: 'https://anna.farm.test',
      handOver: { userName: expect.any(String), password: expect.any(String) },
    });
    expect(answer.placement).toHaveLength(3);
    expect(answer.placement).toContainEqual(expect.stringMatching(/^(Oak|Pine|Larch): Best: /));

    const again = await farm(['instances', 'hand-over', 'anna', '--json']);
    expect(again.json()).not.toHaveProperty('handOver.password');
    for (const words of [
      ['show', 'anna'],
      ['log', 'anna'],
      ['restart', 'anna'],
      ['check', 'anna'],
      ['suspend', 'anna'],
      ['resume', 'anna'],
      ['stop', 'anna'],
      ['start', 'anna'],
    ]) {
      const { code, error } = await farm(['instances', ...words]);
      expect([code, error], words.join(' ')).toEqual([0, '']);
    }
    expect((await farm(['instances', 'list', '--text', 'anna'])).out).toContain('https://anna.farm.test');

    expect((await farm(['instances', 'remove', 'anna'], { isTerminal: true, answer: 'n' })).code).toBe(4);
    const removed = await farm(['instances', 'remove', 'anna', '--yes']);
    expect([removed.code, removed.error]).toEqual([0, '']);
    expect(removed.out).toContain('anna is removed.');
    expect(removed.out).toMatch(/✓ No process on (Oak|Pine|Larch)/);
    expect((await farm(['instances', 'show', 'anna'])).code).toBe(3);
  });

  test('a name for people in any script gets its address, and is the name of the customer', async () => {
    const words = ['instances', 'create', '--name', 'Вера Ким', '--package', 'static-site'];
    const made = await farm(words);
    expect([made.code, made.error]).toEqual([0, 'An address is written in Latin letters, digits and hyphens: Вера Ким gets vera-kim.\n']);
    expect((await farm(['instances', 'show', 'vera-kim', '--json'])).json()).toMatchObject({
      instance: { customer: { name: 'Вера Ким' } },
    });
    const again = await farm(words);
    expect(again.code).toBe(4);
    expect(again.error).toContain(
      'vera-kim.farm.test is already in use by another instance. Choose another name.\nThis one would be free: vera-kim-2\n',
    );
    const script = await farm([...words, '--json']);
    expect(script.json()).toMatchObject({ error: { code: 'NAME_TAKEN' }, proposal: 'vera-kim-2' });
    expect((await farm(['instances', 'create', '--name', '𒀀𒀀'])).error).toContain('letters that we cannot turn into an address');
    const log = await farm(['instances', 'log', 'vera-kim']);
    expect(log.out).toMatch(/farm {2}Creating begins, asked for by \S/);
    expect(log.out).toMatch(
      /farm {2}Every name server answers with the record\n[\s\S]*out {2}vera-kim listens on port \d+\n[\s\S]*farm {2}The instance is created\n/,
    );
    await farm(['instances', 'remove', 'vera-kim', '--yes']);
  });

  test('a rehearsal says exactly what would change, and makes nothing', async () => {
    const { instances, jobs, customers, acts } = core.drivers.store;
    const all = async () => JSON.stringify(await Promise.all([instances.find(), jobs.find(), customers.find(), acts.find()]));
    const before = await all();
    const words = ['instances', 'create', '--name', 'Эмма Ли', '--package', 'static-site', '--dry-run'];
    const { out, code } = await farm(words);
    expect(code).toBe(0);
    for (const said of [
      'If you create emma-li',
      'https://emma-li.farm.test',
      'Customer  Эмма Ли',
      'Test farm',
      'emma-li.farm.test leads to ',
      'emma-li.farm.test leads to ',
      'memory and ',
      'Эмма Ли is kept with the language of the letter.',
      'Other instances and their addresses are not touched.',
      'Why there',
      'Nothing was made.',
    ])
      expect(out).toContain(said);
    expect(out).toMatch(/emma-li\.farm\.test A 198\.51\.100\.\d/);
    expect((await farm([...words, '--language', 'ru'])).out).toContain('Ничего не сделано.');
    const [server] = core.agents.map(({ name }) => name);
    const json = (await farm([...words, '--server', server ?? '', '--json'])).json();
    expect(json).toMatchObject({
      wouldBegin: true,
      name: 'emma-li',
      host: 'emma-li.farm.test',
      package: { id: 'static-site' },
      server: { name: server },
      customer: { name: 'Эмма Ли', isNew: true },
      records: [expect.stringMatching(/^emma-li\.farm\.test A /)],
    });
    expect((json['changes'] as { code: string }[]).map(({ code }) => code)).toContain('record-in');
    expect((json['placement'] as { sentence: string }[]).every(({ sentence }) => sentence.length > 10)).toBe(true);
    const taken = await farm(['instances', 'create', '--name', 'www', '--dry-run']);
    expect(taken.code).toBe(4);
    expect(taken.out).toContain('www-2');
    expect((await farm([...words, '--server', 'nobody'])).code).toBe(3);
    expect((await farm([...words, '--parameter', 'wrong'])).code).toBe(2);
    const weak = await farm([
      'instances',
      'create',
      '--name',
      'emma',
      '--package',
      'tiddlywiki',
      '--parameter',
      'password=short',
      '--dry-run',
    ]);
    expect([weak.code, weak.out]).toEqual([4, '']);
    expect(weak.error).toContain('password');
    expect(await all()).toBe(before);
  });

  test('a rehearsal with a server that cannot take it says why, and is refused', async () => {
    const [first] = (await core.client.servers.list()).servers;
    if (first === undefined) throw new Error('no server');
    await core.client.servers.update({ serverId: first.id, isDraining: true, requestKey: core.key() });
    const refused = await farm(['instances', 'create', '--name', 'nora', '--server', first.name, '--dry-run']);
    expect(refused.code).toBe(4);
    expect(refused.out).toContain(`${first.name}: `);
    const json = (await farm(['instances', 'create', '--name', 'nora', '--server', first.name, '--dry-run', '--json'])).json();
    expect(json).toMatchObject({ wouldBegin: false, whyNot: expect.stringContaining(first.name) });
    expect(json['server']).toBeUndefined();
    await core.client.servers.update({ serverId: first.id, isDraining: false, requestKey: core.key() });
  });

  test('the same request key twice is one act, password and all', async () => {
    const words = ['instances', 'create', '--name', 'keyed', '--request-key', 'key-of-a-script-1', '--json'];
    const [first, second] = [(await farm(words)).json(), (await farm(words)).json()];
    expect(second).toMatchObject({ job: { id: (first.job as { id: string }).id }, handOver: first.handOver });
  });

  test('a stopped job is exit code 1 with the reason and the two commands; undo leaves nothing', async () => {
    for (const agent of core.agents)
      agent.failNext(
        'instances.start',
        new FarmError('APPLICATION_DIED', { name: 'broken', exitCode: '1', lastLine: 'no \u001b[31mluck\u202e' }),
        9,
      );
    const stopped = await farm(['instances', 'create', '--name', 'broken', '--json']);
    const { job, commands: next } = stopped.json() as { job: { id: string }; commands: Record<string, string> };
    expect(stopped).toMatchObject({ code: 1, out: expect.stringMatching(/"code": "APPLICATION_DIED",[\s\S]*"sentence": ".*broken/) });
    expect(next).toEqual({ continue: `farm jobs continue ${job.id}`, undo: `farm jobs undo ${job.id}` });
    // Nothing that drives a terminal gets through, in either form.
    expect(stopped.out).not.toMatch(/[\u001b\u202e]/);
    const shown = await farm(['jobs', 'show', job.id], { isTerminal: true, environment: { NO_COLOR: '1' } });
    expect(shown.out).not.toMatch(/[\u001b\u202e]/);
    expect(shown.out).toContain('no \\u001b[31mluck\\u202e');
    await expect.poll(async () => (await farm(['status'])).out).toMatch(/broken.*\n {2}.*no \\u001b\[31mluck\\u202e/);

    for (const agent of core.agents)
      agent.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: '', exitCode: '', lastLine: '' }), 0);
    const undone = await farm(['jobs', 'undo', job.id]);
    expect([undone.code, undone.error]).toEqual([0, '']);
    expect((await farm(['instances', 'show', 'broken'])).code).toBe(3);
  });

  test('on a terminal the steps change in place', async () => {
    const { code, out } = await farm(['instances', 'create', '--name', 'live'], { isTerminal: true });
    expect(code).toBe(0);
    for (const part of ['\u001b[0J', 'live is ready.']) expect(out).toContain(part);
  });

  test('--no-wait answers with the job at once', async () => {
    const { job } = (await farm(['instances', 'create', '--name', 'later', '--no-wait', '--json'])).json() as { job: { id: string } };
    const watched = await farm(['jobs', 'watch', job.id]);
    expect([watched.code, watched.error]).toEqual([0, '']);
  });
});
