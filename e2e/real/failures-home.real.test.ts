import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { visit } from '../fixtures/farm-calls.ts';
import { continueJob, createFailureTable, stopped } from '../fixtures/failure-table.ts';
import { farm, httpMain, root, until } from '../fixtures/program.ts';
import { startTestFarm, stopAgent, type TestFarm } from '../fixtures/test-farm.ts';
import { differences, sweep } from '../fixtures/sweep.ts';

/** Homes as crashes, people and other programs leave them. Nothing of one that cannot be opened is changed, and put right it opens again. */
const table = createFailureTable('5-home');
let test: TestFarm;
let whole: string;

beforeAll(async () => {
  test = await startTestFarm({ servers: [{ name: 'oak' }] });
  await test.cli.create('anna', 'static-site');
  await test.program().stop();
  whole = join(test.folder, 'whole');
  cpSync(test.home, whole, { recursive: true });
});
afterEach(() => {
  rmSync(test.home, { recursive: true, force: true });
  cpSync(whole, test.home, { recursive: true });
  chmodSync(test.home, 0o700);
});
afterAll(async () => {
  table.write();
  await test?.end();
});

type Said = { readonly code: number; readonly text: string };
/** Starts the program on a home that it should refuse, and waits for its end. */
function start(home: string, language: 'en' | 'ru'): Said {
  const ran = spawnSync(process.execPath, [httpMain, '--home', home, '--no-open', '--language', language], {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: ran.status ?? -1, text: `${ran.stdout}${ran.stderr}`.trim() };
}

/** Every byte of a home but what says who had it open last. */
function contents(home: string): string[] {
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(core-lock|core\.log|farm\.sqlite-)/.test(entry.name))
    .map(
      (entry) => `${entry.name} ${readFileSync(join(home, entry.name)).toString('base64').length} ${statSync(join(home, entry.name)).size}`,
    )
    .toSorted();
}

function refusedStart(home: string): { sentence: string; russian: string } {
  const before = contents(home);
  const [english, russian] = [start(home, 'en'), start(home, 'ru')];
  expect([english.code, russian.code], english.text + russian.text).toEqual([1, 1]);
  expect(contents(home)).toEqual(before);
  expect(existsSync(join(home, 'link.json'))).toBe(false);
  const clean = (text: string): string => text.replaceAll(test.folder, '…');
  return { sentence: clean(english.text), russian: clean(russian.text) };
}

const half = (name: string): void => truncateSync(join(test.home, name), Math.floor(statSync(join(test.home, name)).size / 2));

describe('a home that is not whole', () => {
  it.each([
    { name: 'keepers.json', what: 'cut in the middle', harm: () => half('keepers.json') },
    { name: 'keepers.json', what: 'empty', harm: () => writeFileSync(join(test.home, 'keepers.json'), '') },
    { name: 'data.key', what: 'cut in the middle', harm: () => half('data.key') },
    { name: 'home.json', what: 'cut in the middle', harm: () => half('home.json') },
    { name: 'farm.sqlite', what: 'garbage', harm: () => writeFileSync(join(test.home, 'farm.sqlite'), 'garbage '.repeat(4096)) },
    { name: 'farm.sqlite', what: 'a page overwritten', harm: () => writeFileSync(join(test.home, 'farm.sqlite'), tornDatabase()) },
  ])('$name $what: said, unchanged, not locked', ({ name, what, harm }) => {
    for (const left of ['farm.sqlite-wal', 'farm.sqlite-shm']) rmSync(join(test.home, left), { force: true });
    harm();
    const said = refusedStart(test.home);
    expect(said.sentence).toMatch(new RegExp(`${name.replace('.', '\\.')} is damaged, and was left as it is\\. Put it back`));
    table.add({
      line: `half-written home: ${name}`,
      done: what,
      ...said,
      buttons: 'exit code 1; every byte as before; a second start says the same',
    });
  });

  it('zones.json cut in the middle: the program opens, a create stops at DNS, and nothing is written over it', async () => {
    half('zones.json');
    const torn = readFileSync(join(test.home, 'zones.json'));
    await test.restart();
    const said = await stopped(test.home, ['instances', 'create', '--name', 'berta', '--package', 'static-site']);
    expect(said.sentence).toMatch(/zones\.json is damaged, and was left as it is/);
    expect(readFileSync(join(test.home, 'zones.json')).equals(torn)).toBe(true);
    copyFileSync(join(whole, 'zones.json'), join(test.home, 'zones.json'));
    await test.restart();
    await continueJob(test.home, said.jobId);
    await test.cli.remove('berta');
    await test.program().stop();
    const clean = (text: string): string => text.replaceAll(test.folder, '…');
    table.add({
      line: 'half-written home: zones.json',
      done: 'cut in the middle, then `instances create`',
      ...said,
      sentence: clean(said.sentence),
      russian: clean(said.russian),
      buttons: `${said.buttons}; the file put back, started again, continued: done`,
    });
  });

  it('a secret key that is gone, and one of another home', () => {
    const key = readFileSync(join(test.home, 'data.key'));
    rmSync(join(test.home, 'data.key'));
    const gone = refusedStart(test.home);
    expect(gone.sentence).toMatch(/secrets of this farm cannot be opened here/);
    table.add({ line: 'half-written home: data.key', done: 'removed', ...gone, buttons: 'exit code 1; nothing is made in its place' });
    const text = key.toString('utf8');
    writeFileSync(
      join(test.home, 'data.key'),
      text.includes('{') ? text.replace(/[A-Za-z0-9_+/-]{40,}/, (found) => [...found].reverse().join('')) : Buffer.from([...key].reverse()),
    );
    const other = refusedStart(test.home);
    table.add({ line: 'half-written home: data.key', done: "another home's key", ...other, buttons: 'exit code 1' });
  });
});

/** A page in the middle holds something else: the file opens, and a look at every page finds it. */
function tornDatabase(): Buffer {
  const bytes = readFileSync(join(test.home, 'farm.sqlite'));
  bytes.fill(0xa5, 4096 * 2, 4096 * 6);
  return bytes;
}

describe('a home that is another’s', () => {
  it('of a newer version', () => {
    writeFileSync(join(test.home, 'home.json'), '{"formatVersion":2,"madeBy":"9.0.0"}\n');
    const said = refusedStart(test.home);
    expect(said.sentence).toMatch(/last opened by a newer Farmstead \(9\.0\.0\).*Update this program\.$/);
    table.add({ line: 'home of a newer version', done: 'home.json of formatVersion 2', ...said, buttons: 'exit code 1; unchanged' });
  });

  it('a folder of other things', () => {
    const folder = join(test.folder, 'Documents');
    mkdirSync(folder);
    writeFileSync(join(folder, 'letter.txt'), 'Dear Anna');
    const said = refusedStart(folder);
    expect(said.sentence).toContain('letter.txt');
    expect(readdirSync(folder)).toEqual(['letter.txt']);
    table.add({
      line: 'home folder that is not ours',
      done: '--home names a folder with a letter in it',
      ...said,
      buttons: 'exit code 1; the folder is as it was',
    });
  });
});

describe('a home that is open', () => {
  it('is shown by a second start, in both languages', async () => {
    await test.restart();
    const [english, russian] = [start(test.home, 'en'), start(test.home, 'ru')];
    expect([english.code, russian.code]).toEqual([0, 0]);
    expect(english.text).toContain(`already open here, at ${test.program().link.origin}`);
    table.add({
      line: 'second start',
      done: 'started again while it runs',
      sentence: english.text.split('\n')[0] ?? '',
      russian: russian.text.split('\n')[0] ?? '',
      buttons: 'exit code 0; the first program is shown',
    });
    await test.program().stop();
  });

  it('with a garbage link.json the command line says that no program runs; the next start writes it anew', async () => {
    writeFileSync(join(test.home, 'link.json'), '{"origin":"http://127.0');
    const [english, russian] = [await farm(test.home, 'status', '--language', 'en'), await farm(test.home, 'status', '--language', 'ru')];
    expect([english.code, russian.code]).toEqual([5, 5]);
    await test.restart();
    expect((await visit((await test.cli.instance('anna')).url, await test.authority())).status).toBe(200);
    await test.program().stop();
    const clean = (text: string): string => text.trim().replaceAll(test.folder, '…');
    table.add({
      line: 'half-written home: link.json',
      done: 'garbage, then `farm status`',
      sentence: clean(english.error),
      russian: clean(russian.error),
      buttons: 'exit code 5; the next start writes it anew',
    });
  });
});

describe('an agent’s home that is not whole', () => {
  it.each([
    { name: 'state/link/identity.json', isNeeded: true },
    { name: 'state/link/key.pem', isNeeded: true },
    { name: 'state/instances', isNeeded: false },
    { name: 'state/packages', isNeeded: false },
  ])('$name torn', async ({ name, isNeeded }) => {
    const agent = test.agent('oak');
    await stopAgent(agent);
    const before = sweep(test.folder);
    const path = join(agent.home, name);
    const file = statSync(path).isDirectory() ? join(path, readdirSync(path).find((one) => !one.startsWith('.')) ?? '') : path;
    copyFileSync(file, join(test.folder, 'kept'));
    truncateSync(file, Math.floor(statSync(file).size / 2));
    const started = await agent.start().then(
      () => 'running',
      (error: unknown) => String(error),
    );
    if (isNeeded) {
      expect(started).toContain('ended with 1');
      expect(agent.said()).toMatch(/\{"code":"HOME_HALF_WRITTEN","parameters":\{"path":".*"/);
    } else {
      expect(started).toBe('running');
      await stopAgent(agent);
    }
    // The visitors of its instances notice nothing of all that.
    copyFileSync(join(test.folder, 'kept'), file);
    await agent.start();
    await test.restart();
    await until('the agent is back', async () => ((await test.cli.server('oak')).condition.code === 'ready' ? true : undefined), 30_000);
    await until('anna runs', async () => ((await test.cli.instance('anna')).condition.code === 'running' ? true : undefined), 30_000);
    expect((await visit((await test.cli.instance('anna')).url, await test.authority())).status).toBe(200);
    await test.program().stop();
    expect(
      differences(before, sweep(test.folder)).filter(
        (line) => !/whole|agents\/oak\/edge|home\/|kept|process agent|agent\.lock|port /.test(line),
      ),
    ).toEqual([]);
    const code = /\{"code":"(\w+)"/.exec(agent.said())?.[1] ?? '';
    table.add({
      line: `half-written home: the agent's ${name}`,
      done: 'cut in the middle while the agent was down',
      sentence: isNeeded
        ? `the agent does not start: one line on standard error, ${code} with the path`
        : 'the agent starts, sets the torn record aside and logs it',
      russian: '(код; читает программа)',
      buttons: 'the edge goes on serving; with the file put back the agent has its instance again',
    });
  });
});
