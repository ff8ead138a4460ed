import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import { createLinuxOs } from '../os/linux/index.ts';
import { createLimitGroups, realRoots } from '../os/linux/limits.ts';
import { agentKeyOf } from '../start-agent.ts';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { greedySource } from '../testing/greedy.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

const os = createLinuxOs();
const here = os.limitGroups('trial').here(true);
const isKept = here.memory === 'kept' && here.processes === 'kept' && here.cpu === 'kept';
if (!isKept) process.stderr.write('NOT TESTED: limits that the system keeps. They need root and groups for memory, processes and cores.\n');
const testKept = test.skipIf(!isKept);
const mebibyte = 2 ** 20;
vi.setConfig({ testTimeout: 60_000 });

let home: Awaited<ReturnType<typeof temporaryHome>>;
let lives: Awaited<ReturnType<typeof openSupervision>>[] = [];
async function live(options: Parameters<typeof openSupervision>[1] = {}) {
  const life = await openSupervision(home.folders, options);
  lives.push(life);
  return life;
}
/** As an agent of earlier days, that knew no limits; or a system without groups. */
const without = (trees: ReturnType<typeof realRoots>['trees'] = []) =>
  createLimitGroups(agentKeyOf(home.folders.home), { ...realRoots(), trees });

beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  const last = lives.at(-1);
  for (const { supervisor } of lives.slice(0, -1)) supervisor.close();
  for (const { instanceId } of last?.supervisor.list() ?? []) await last?.supervisor.remove(instanceId);
  last?.supervisor.close();
  expect(lives.flatMap(({ log }) => log.bugs)).toEqual([]);
  lives = [];
  expect(groups()).toEqual([]);
  await home.remove();
});

/** All that is left of this home's groups. */
const groups = (): string[] =>
  realRoots().trees.flatMap(({ path }) => {
    const group = join(path, `farmstead-${agentKeyOf(home.folders.home)}`);
    return existsSync(group)
      ? [group, ...readdirSync(group, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))]
      : [];
  });
const told = (file: string): string => {
  for (const { path } of realRoots().trees) {
    const at = join(path, `farmstead-${agentKeyOf(home.folders.home)}`, 'anna', file);
    if (existsSync(at)) return readFileSync(at, 'utf8').trim();
  }
  return 'absent';
};

async function serve(
  limits = { memoryBytes: 128 * mebibyte, cpuMillicores: 100, diskBytes: 100 * mebibyte },
  options: Parameters<typeof live>[0] = {},
) {
  const life = await live(options);
  const ids = await placePackage(home.folders, life.packages, testManifest(), greedySource);
  const spec = { ...testSpec('anna', 'healthy', ids), limits };
  const { folder } = await life.supervisor.create(spec);
  const { port, process: now } = await life.supervisor.start('anna');
  const ask = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const log = async (): Promise<string> => (await life.logs.tail('anna', 50)).map(({ text }) => text).join('\n');
  return { ...life, spec, folder, ask, log, processId: now.state === 'running' ? now.processId : 0 };
}

describe('what the system keeps', () => {
  testKept('a process is in its groups, with its own user and number, before its first instruction', async () => {
    const { processId, folder, limits } = await serve();
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThanOrEqual(70_000);
    expect(limits.membersOf('anna').map((one) => one.processId)).toContain(processId);
    expect(readFileSync(`/proc/${processId}/oom_score_adj`, 'utf8').trim()).toBe('500');
    expect(readFileSync(`/proc/${processId}/limits`, 'utf8')).toMatch(/Max file size +104857600 /);
    expect(readFileSync(`/proc/${processId}/cmdline`, 'utf8')).toContain('--max-old-space-size=64\0');
    expect(statSync(folder).uid).toBeGreaterThanOrEqual(70_000);
    expect(told('pids.max')).toBe('256');
  });

  testKept('what the page of the server says of the limits is what the kernel has', async () => {
    const { ask, limits } = await serve();
    const say = (what: 'processes' | 'cpu' | 'files'): string =>
      createTranslate('en', 'UTC').say(`servers.page.fact.bounds.${what}`, { hold: limits.here(true)[what] });
    expect(say('processes')).toContain(`${told('pids.max')} at most`);
    const [code, opened] = (await ask('/open')).split(' ');
    expect(code).toBe('EMFILE');
    const most = Number(/([\d,]+) open ones/.exec(say('files'))?.[1]?.replace(',', ''));
    expect(most - Number(opened)).toBeGreaterThan(0);
    expect(most - Number(opened)).toBeLessThan(100);
    expect(say('cpu')).toContain('never more than three quarters of the server');
    const [quotaUs = 0, periodUs = 1] = [told('cpu.cfs_quota_us'), told('cpu.cfs_period_us')].map(Number);
    const [quota2Us = 0, period2Us = 1] = told('cpu.max').split(' ').map(Number);
    const cores = told('cpu.max') === 'absent' ? quotaUs / periodUs : quota2Us / period2Us;
    expect(cores).toBe((3 / 4) * availableParallelism());
  });

  testKept('memory: who takes more is ended by the system and told so, and a neighbour is not', async () => {
    const { supervisor, ask, log, spec } = await serve();
    const bella = { ...spec, instanceId: 'bella', name: 'bella', host: 'bella.farm.localhost' };
    await supervisor.create(bella);
    const before = await supervisor.start('bella');
    await ask('/eat');
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
      20_000,
    );
    expect(seen).toMatchObject({ exitCode: 'memoryLimit' });
    expect(await log()).toContain('ended exit=memoryLimit');
    expect(supervisor.describe('bella').process).toEqual(before.process);
  });

  testKept('memory of a child: the application goes on, and its log says what is missing', async () => {
    const { supervisor, ask, log, limits } = await serve();
    await ask('/eat-child');
    await eventually(
      () => limits.memoryKills('anna'),
      (kills) => kills > 0,
      20_000,
    );
    supervisor.measured('anna', { cpuMillicores: 1 });
    const text = await log();
    // The kernel chooses the largest: most often the child.
    expect(text).toMatch(/memory-killed|exit=memoryLimit/);
    await eventually(
      () => supervisor.describe('anna').health,
      (health) => health === 'healthy',
      20_000,
    );
  });

  testKept('processes: a fork bomb is held, the application still answers, and its removal leaves nothing', async () => {
    const { supervisor, ask, limits } = await serve();
    await ask('/fork');
    await eventually(
      () => Number(told('pids.current')),
      (count) => count > 240,
    );
    await new Promise((done) => setTimeout(done, 500));
    expect(Number(told('pids.current'))).toBeLessThanOrEqual(256);
    expect(await ask('/')).toBe('ok');
    const began = performance.now();
    expect((await supervisor.remove('anna')).removed).toContain('process');
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(limits.membersOf('anna')).toEqual([]);
    expect((await supervisor.remains('anna')).processIds).toEqual([]);
  });

  testKept('open files and the size of a file', async () => {
    const { ask, folder } = await serve();
    const [code, opened] = (await ask('/open')).split(' ');
    expect(code).toBe('EMFILE');
    expect(Number(opened)).toBeLessThan(8192);
    expect(await ask('/big-file')).toBe('EFBIG');
    expect(statSync(join(folder, 'big')).size).toBeLessThanOrEqual(100 * mebibyte);
  });

  testKept('temporary files lie in its own folder, and what it left in those of all goes with it', async () => {
    const { supervisor, ask, folder, processId } = await serve();
    expect(await ask('/litter')).toBe(join(folder, '.tmp'));
    const litter = [join(folder, '.tmp'), '/tmp', '/dev/shm'].map((place) => join(place, `farm-litter-${processId}`));
    expect(litter.map((path) => existsSync(path))).toEqual([true, true, true]);
    await supervisor.restart('anna');
    expect(litter.map((path) => existsSync(path))).toEqual([false, true, true]);
    await supervisor.remove('anna');
    expect(litter.map((path) => existsSync(path))).toEqual([false, false, false]);
  });

  testKept('plans that change while it is restarted: what holds at the end is the plan that came last', async () => {
    const { supervisor, spec, instances } = await serve();
    const acts: Promise<unknown>[] = [];
    for (let mebibytes = 100; mebibytes <= 112; mebibytes += 1) {
      acts.push(supervisor.create({ ...spec, limits: { ...spec.limits, memoryBytes: mebibytes * mebibyte } }));
      if (mebibytes % 4 === 0) acts.push(supervisor.restart('anna').catch(() => undefined));
    }
    await Promise.all(acts);
    expect(instances.get('anna')?.spec.limits.memoryBytes).toBe(112 * mebibyte);
    const memory = [told('memory.limit_in_bytes'), told('memory.max')].find((value) => value !== 'absent');
    expect(memory).toBe(String(112 * mebibyte));
    expect(supervisor.describe('anna').process.state).toBe('running');
  });

  testKept('a plan that changes holds at once for one that runs; what cannot is noted', async () => {
    const { supervisor, spec, log } = await serve();
    await supervisor.create({ ...spec, limits: { memoryBytes: 256 * mebibyte, cpuMillicores: 500, diskBytes: 200 * mebibyte } });
    const memory = [told('memory.limit_in_bytes'), told('memory.max')].find((value) => value !== 'absent');
    expect(memory).toBe(String(256 * mebibyte));
    expect([told('cpu.shares'), told('cpu.weight')]).toContain('512');
    expect(await log()).toMatch(/limits-changed$/m);
  });

  testKept('a set-up is bounded too, and leaves no group', async () => {
    const life = await live();
    const ids = await placePackage(home.folders, life.packages);
    const seen: (string | undefined)[] = [];
    const stop = setInterval(() => seen.push(life.limits.membersOf('anna')[0]?.startMark), 1);
    await life.supervisor.create(testSpec('anna', 'healthy', ids));
    clearInterval(stop);
    expect(seen.some((mark) => mark !== undefined)).toBe(true);
    expect(groups()).toEqual([]);
  });
});

describe('an agent that dies, or is followed by another', () => {
  testKept('takes the group back with the process, and counts on', async () => {
    const first = await serve();
    first.supervisor.close();
    const second = await live();
    await second.supervisor.adopt();
    expect(second.supervisor.unlimited()).toBe(0);
    await first.ask('/eat');
    const seen = await eventually(
      () => second.supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
      20_000,
    );
    expect(seen).toMatchObject({ exitCode: 'memoryLimit' });
  });

  testKept('one that was started without limits is told of, and gets them at its next start', async () => {
    const first = await serve(undefined, { limits: without() });
    expect(told('pids.max')).toBe('absent');
    first.supervisor.close();
    const second = await live();
    await second.supervisor.adopt();
    expect(second.supervisor.unlimited()).toBe(1);
    expect((await second.logs.tail('anna', 20)).map(({ text }) => text)).toContain('without-limits until=restart');
    await second.supervisor.restart('anna');
    expect(second.supervisor.unlimited()).toBe(0);
    expect(told('pids.max')).toBe('256');
  });

  testKept('killed between the start and its record, the next ends what is in the group; without a record its group goes too', async () => {
    const first = await serve();
    const { limits } = first;
    // As if the agent had died right after the start of another: in its group, without a record of its process.
    const stray = first.os.spawnDetached({
      program: process.execPath,
      args: ['-e', 'setInterval(() => 0, 1000)'],
      folder: '/',
      environment: {},
      user: { userId: 98_765 },
      outPath: join(home.folders.home, 'out'),
      errorPath: join(home.folders.home, 'error'),
      marker: 'nobody:nothing',
      limits: limits.prepare(
        'carla',
        { memoryBytes: 64 * mebibyte, cpuMillicores: 100, processes: 64, openFiles: 64, fileBytes: mebibyte },
        true,
      ),
    });
    const { identity } = await stray;
    await eventually(
      () => limits.membersOf('carla'),
      (members) => members.length === 1,
    );
    first.supervisor.close();
    const second = await live();
    await second.supervisor.adopt();
    expect(second.os.isAlive(identity)).toBe(false);
    expect(second.limits.membersOf('carla')).toEqual([]);
    expect(second.supervisor.describe('anna').process.state).toBe('running');
  });
});

const unified = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .find((line) => line.includes(' - cgroup2 '))
  ?.split(' ')[4];
/** A tree of version 2 is here too, although version 1 has all that bounds something: who is in a group, and its end. */
test.skipIf(!isKept || unified === undefined)('in a group of version 2 a process is found and ended whatever it did', async () => {
  const tree = { version: 2 as const, path: unified ?? '', controllers: [] };
  const { ask, limits, supervisor } = await serve(undefined, { limits: without([tree]) });
  await ask('/fork');
  await eventually(
    () => limits.membersOf('anna').length,
    (count) => count > 20,
  );
  await limits.end('anna');
  expect(limits.membersOf('anna')).toEqual([]);
  await supervisor.remove('anna');
  expect(existsSync(join(tree.path, `farmstead-${agentKeyOf(home.folders.home)}`))).toBe(false);
});

describe('what the agent watches', () => {
  test('a disk above its plan is ended with a word, not begun again while it is full, begun by a person, and by itself when there is room', async () => {
    const { supervisor, log, folder } = await serve();
    writeFileSync(join(folder, 'much'), 'x');
    supervisor.measured('anna', { diskBytes: 105 * mebibyte });
    expect(supervisor.describe('anna').process.state).toBe('running');
    supervisor.measured('anna', { diskBytes: 111 * mebibyte });
    const ended = () => supervisor.describe('anna').process;
    expect(await eventually(ended, ({ state }) => state === 'crash-loop')).toMatchObject({ exitCode: 'diskLimit' });
    expect(await log()).toMatch(/over-limit what=disk taken=116391936/);
    // Its first retry is after a second.
    await new Promise((done) => setTimeout(done, 1500));
    expect(ended()).toMatchObject({ state: 'crash-loop', exitCode: 'diskLimit' });
    expect((await supervisor.start('anna')).process.state).toBe('running');
    supervisor.measured('anna', { diskBytes: 119 * mebibyte });
    expect(supervisor.describe('anna').process.state).toBe('running');
    supervisor.measured('anna', { diskBytes: 122 * mebibyte });
    await eventually(ended, ({ state }) => state === 'crash-loop');
    supervisor.measured('anna', { diskBytes: 50 * mebibyte });
    await eventually(ended, ({ state }) => state === 'running');
  });

  test('a heap that is full is told as the memory of its plan, also where nothing else bounds memory', async () => {
    const { supervisor, ask } = await serve(undefined, { limits: without() });
    void ask('/eat-heap').catch(() => undefined);
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
      40_000,
    );
    expect(seen).toMatchObject({ exitCode: 'memoryLimit' });
  });

  test('memory where the system keeps none: two looks in a row end it, one does not', async () => {
    const { supervisor } = await serve(undefined, { limits: without() });
    supervisor.watched('anna', { memoryBytes: 200 * mebibyte });
    supervisor.watched('anna', { memoryBytes: 100 * mebibyte });
    supervisor.watched('anna', { memoryBytes: 200 * mebibyte });
    expect(supervisor.describe('anna').process.state).toBe('running');
    supervisor.watched('anna', { memoryBytes: 200 * mebibyte });
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
    );
    expect(seen).toMatchObject({ exitCode: 'memoryLimit' });
  });

  test('processes where the system keeps none: too many are ended at the first look', async () => {
    const {
      supervisor,
      os: system,
      ask,
      processId,
    } = await serve(undefined, {
      limits: without(),
      isolation: () => ({ state: 'shared', reason: 'notRoot' }),
    });
    await ask('/spawn');
    const count = await eventually(
      () => system.sessionSizes().get(processId) ?? 0,
      (seen) => seen > 4,
    );
    supervisor.watched('anna', { processes: count });
    expect(supervisor.describe('anna').process.state).toBe('running');
    supervisor.watched('anna', { processes: 257 });
    const seen = await eventually(
      () => supervisor.describe('anna').process,
      ({ state }) => state === 'crash-loop',
    );
    expect(seen).toMatchObject({ exitCode: 'processLimit' });
    expect(system.sessionSizes().get(processId)).toBeUndefined();
  });

  test('without groups, and as an ordinary user, open files and the size of a file are kept all the same', async () => {
    const { ask, limits } = await serve(undefined, { limits: without(), isolation: () => ({ state: 'shared', reason: 'notRoot' }) });
    expect(limits.here(false)).toMatchObject({ memory: 'watched', processes: 'watched', cpu: 'none', files: 'kept' });
    expect((await ask('/open')).startsWith('EMFILE')).toBe(true);
    expect(await ask('/big-file')).toBe('EFBIG');
  });
});
