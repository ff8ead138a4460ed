import { existsSync } from 'node:fs';
import { lstat, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placePackage, testManifest, testSpec } from '../testing/applications.ts';
import { eventually, openSupervision, temporaryHome } from '../testing/test-agent.ts';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let lives: Awaited<ReturnType<typeof openSupervision>>[] = [];

async function live(options: Parameters<typeof openSupervision>[1] = {}) {
  const life = await openSupervision(home.folders, options);
  lives.push(life);
  return life;
}

beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  const last = lives.at(-1);
  const bugs = lives.flatMap(({ log }) => log.bugs);
  for (const { supervisor } of lives.slice(0, -1)) supervisor.close();
  for (const { instanceId } of last?.supervisor.list() ?? []) await last?.supervisor.remove(instanceId);
  last?.supervisor.close();
  lives = [];
  await home.remove();
  expect(bugs).toEqual([]);
});

describe('a healthy application', () => {
  test('is created, started, answers, restarts with a new process, stops, and leaves nothing', async () => {
    const { supervisor, packages, states, os, isIsolated, logs } = await live();
    const spec = testSpec('anna', 'healthy', await placePackage(home.folders, packages));
    const created = await supervisor.create(spec);
    expect(created).toMatchObject({
      wanted: 'stopped',
      process: { state: 'none' },
      health: 'unknown',
      user: isIsolated ? expect.stringMatching(/^\d+$/) : '',
    });
    const csv = join(created.folder, 'config', 'users.csv');
    expect(await readFile(csv, 'utf8')).toBe('name,password\nanna,"se""cret"\n');
    expect((await lstat(csv)).mode & 0o777).toBe(0o600);
    expect((await lstat(created.folder)).mode & 0o777).toBe(0o700);

    const started = await supervisor.start('anna');
    expect(started).toMatchObject({ wanted: 'running', health: 'healthy', healthAnswer: '200', process: { state: 'running' } });
    const who = (await (await fetch(`http://127.0.0.1:${started.port}/who`)).json()) as {
      pid: number;
      uid: number;
      env: string[];
      cwd: string;
    };
    expect(who.cwd).toBe(created.folder);
    expect(who.env).not.toContain('FARM_FAIL_POINT');
    if (isIsolated) expect(String(who.uid)).toBe(started.user);
    expect(await supervisor.create(spec)).toMatchObject({ process: { state: 'running', processId: who.pid } });
    expect(await supervisor.start('anna')).toMatchObject({ process: { processId: who.pid } });

    const again = await supervisor.restart('anna');
    expect(again.process).toMatchObject({ state: 'running' });
    expect(again.process).not.toMatchObject({ processId: who.pid });
    expect(again.restarts).toBe(0);
    const stopped = await supervisor.stop('anna');
    expect(stopped).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
    expect(states).toEqual(['starting', 'running', 'starting', 'running', 'broken']);

    expect((await supervisor.remove('anna')).removed.sort()).toEqual(
      isIsolated ? ['folder', 'log', 'port', 'user'] : ['folder', 'log', 'port'],
    );
    expect(await supervisor.remains('anna')).toEqual({
      processIds: [],
      hasFolder: false,
      hasUser: false,
      isPortOpen: false,
      hasState: false,
    });
    expect(await supervisor.remove('anna')).toEqual({ removed: [] });
    expect(os.findMarked(home.folders.home).size).toBe(0);
    expect(logs.has('anna')).toBe(false);
  });

  test('two created at once get different ports and users', async () => {
    const { supervisor, packages, isIsolated } = await live();
    const ids = await placePackage(home.folders, packages);
    const made = await Promise.all(['a', 'b', 'c'].map((id) => supervisor.create(testSpec(id, 'healthy', ids))));
    expect(new Set(made.map(({ port }) => port)).size).toBe(3);
    expect(new Set(made.map(({ user }) => user)).size).toBe(isIsolated ? 3 : 1);
  });
});

describe('an application that fails', () => {
  test('dies at once: its last line is told, it is tried again later and later, counted, and a start by the core counts anew', async () => {
    const { supervisor, packages, states } = await live();
    await supervisor.create(testSpec('bad', 'dies', await placePackage(home.folders, packages)));
    await expect(supervisor.start('bad')).rejects.toMatchObject({
      code: 'APPLICATION_DIED',
      parameters: { name: 'bad', exitCode: '3', lastLine: 'no licence found' },
    });
    const seen = await eventually(
      () => supervisor.describe('bad'),
      ({ restarts }) => restarts >= 2,
    );
    expect(seen).toMatchObject({ wanted: 'running', process: { state: 'crash-loop', exitCode: '3', lastLine: 'no licence found' } });
    expect(states).toContain('broken');
    await expect(supervisor.start('bad')).rejects.toMatchObject({ code: 'APPLICATION_DIED' });
    expect(supervisor.describe('bad').restarts).toBe(1);
    await supervisor.stop('bad');
    expect(supervisor.describe('bad')).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
  });

  test('one that dies later is started again by itself', async () => {
    const { supervisor, packages } = await live();
    await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages)));
    const { port, process: first } = await supervisor.start('anna');
    await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
    const again = await eventually(
      () => supervisor.describe('anna'),
      ({ process: now, restarts }) => now.state === 'running' && restarts === 1,
    );
    expect(again.process).not.toEqual(first);
  });

  test('never healthy: what it answered is told, and a stop during the start cuts it short', async () => {
    const { supervisor, packages } = await live();
    const ids = await placePackage(home.folders, packages, testManifest({ startSeconds: 1 }));
    await supervisor.create(testSpec('sick', 'never', ids));
    await expect(supervisor.start('sick')).rejects.toMatchObject({
      code: 'APPLICATION_NOT_HEALTHY',
      parameters: { answered: '503', seconds: 1, path: '/health' },
    });
    expect(supervisor.describe('sick')).toMatchObject({ wanted: 'running', process: { state: 'starting' } });
    const starting = supervisor.start('sick').catch((error: unknown) => error);
    await supervisor.stop('sick');
    expect(await starting).toMatchObject({ code: 'INSTANCE_STATE' });
  });

  test('one that ignores the request to end is ended, with its children', async () => {
    const { supervisor, packages, os } = await live();
    const ids = await placePackage(home.folders, packages);
    await supervisor.create(testSpec('stub', 'stubborn', ids));
    await supervisor.create(testSpec('fam', 'family', ids));
    await supervisor.start('stub');
    await supervisor.start('fam');
    expect(os.findMarked(home.folders.home).get('fam')).toHaveLength(2);
    await Promise.all([supervisor.stop('stub'), supervisor.stop('fam')]);
    expect(os.findMarked(home.folders.home).size).toBe(0);
  });

  test('a set-up that fails says its last line, leaves the instance for another try, and starts nothing', async () => {
    const { supervisor, packages } = await live();
    const ids = await placePackage(home.folders, packages);
    await expect(supervisor.create(testSpec('x', 'bad-set-up', ids))).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      parameters: { exitCode: '7', lastLine: 'no licence here' },
    });
    await expect(supervisor.start('x')).rejects.toMatchObject({ code: 'INSTANCE_STATE' });
    expect(await supervisor.create(testSpec('x', 'healthy', ids))).toMatchObject({ process: { state: 'none' } });
  });

  test('a flood of output stays bounded while it runs', async () => {
    const { supervisor, packages, logs } = await live({ logBytes: 300_000 });
    await supervisor.create(testSpec('loud', 'floods', await placePackage(home.folders, packages)));
    await supervisor.start('loud');
    const out = join(home.folders.logs, 'loud', 'out.log');
    await eventually(
      async () => (await lstat(out)).size,
      (size) => size > 300_000,
    );
    // Nobody tends it: no sample is taken meanwhile.
    let [cutMs, longestMs, cuts, last] = [performance.now(), 0, 0, 0];
    for (const endMs = performance.now() + 3000; performance.now() < endMs; ) {
      const { size } = await lstat(out);
      const isCut = size < last;
      if (isCut) cuts++;
      longestMs = Math.max(longestMs, performance.now() - cutMs);
      if (isCut || size <= 300_000) cutMs = performance.now();
      last = size;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(cuts).toBeGreaterThan(2);
    expect(longestMs).toBeLessThan(1000);
    logs.tend('loud');
    await supervisor.stop('loud');
    logs.tend('loud');
    expect((await lstat(out)).size).toBeLessThan(300_001);
    expect((await lstat(`${out}.1`)).size).toBeLessThan(1_000_001);
  });
});

describe('an application that hangs', () => {
  const processOf = (supervisor: Awaited<ReturnType<typeof live>>['supervisor'], id: string): number => {
    const { process: now } = supervisor.describe(id);
    return 'processId' in now ? now.processId : 0;
  };

  test('is started again after the time that its package allows, counted, with what happened in its log', async () => {
    const { supervisor, packages, logs } = await live();
    const ids = await placePackage(home.folders, packages);
    await supervisor.create({ ...testSpec('anna', 'healthy', ids), hangSeconds: 3 });
    await supervisor.start('anna');
    const first = processOf(supervisor, 'anna');
    process.kill(first, 'SIGSTOP');
    const since = performance.now();
    const again = await eventually(
      () => supervisor.describe('anna'),
      ({ health, restarts }) => health === 'healthy' && restarts === 1,
      20_000,
    );
    expect(performance.now() - since).toBeGreaterThan(3000);
    expect(again.process).not.toMatchObject({ processId: first });
    const said = (await logs.tail('anna', 50)).filter(({ stream }) => stream === 'agent').map(({ text }) => text);
    expect(said.join('\n')).toMatch(/hangs no-answer-seconds=[3-9] restarting\nended exit=hangs next-try-ms=1000\nstarted pid=/);
  }, 30_000);

  test('an adopted one too; one whose package says never is left alone, and so is one that answers badly', async () => {
    const first = await live();
    const ids = await placePackage(home.folders, first.packages, testManifest({ startSeconds: 1 }));
    await first.supervisor.create({ ...testSpec('anna', 'healthy', ids), hangSeconds: 2 });
    await first.supervisor.create({ ...testSpec('berta', 'healthy', ids), hangSeconds: 0 });
    await first.supervisor.create({ ...testSpec('sick', 'never', ids), hangSeconds: 1 });
    await Promise.all(['anna', 'berta', 'sick'].map((id) => first.supervisor.start(id).catch(() => undefined)));
    const before = new Map(['anna', 'berta', 'sick'].map((id) => [id, processOf(first.supervisor, id)]));
    for (const id of ['anna', 'berta']) process.kill(before.get(id) ?? Number.NaN, 'SIGSTOP');
    first.supervisor.close();
    const second = await live();
    await second.supervisor.adopt();
    await eventually(
      () => second.supervisor.describe('anna'),
      ({ health, restarts }) => health === 'healthy' && restarts === 1,
      20_000,
    );
    expect(second.supervisor.describe('berta')).toMatchObject({ health: 'unhealthy', healthAnswer: 'timeout', restarts: 0 });
    expect(processOf(second.supervisor, 'berta')).toBe(before.get('berta'));
    expect(second.supervisor.describe('sick')).toMatchObject({ health: 'unhealthy', healthAnswer: '503', restarts: 0 });
  }, 40_000);

  test('a stop while it is being ended is a stop', async () => {
    const { supervisor, packages } = await live();
    const ids = await placePackage(home.folders, packages, testManifest({ graceSeconds: 3 }));
    await supervisor.create({ ...testSpec('anna', 'healthy', ids), hangSeconds: 1 });
    await supervisor.start('anna');
    process.kill(processOf(supervisor, 'anna'), 'SIGSTOP');
    await eventually(
      () => supervisor.describe('anna').process.state,
      (state) => state === 'stopping',
      20_000,
    );
    expect(await supervisor.stop('anna')).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(supervisor.describe('anna')).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
  }, 40_000);
});

describe('a health check that throws', () => {
  test('is logged once, shown, and ends nothing: the next one finds the application well', async () => {
    const { supervisor, packages, log } = await live();
    await supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, packages)));
    await supervisor.start('anna');
    const { manifest } = packages;
    let thrown = 0;
    Object.assign(packages, {
      manifest: (...of: Parameters<typeof manifest>) => {
        if (thrown > 0) return manifest(...of);
        thrown += 1;
        throw new Error('planted');
      },
    });
    expect(
      await eventually(
        () => supervisor.describe('anna'),
        ({ health }) => health === 'unhealthy',
      ),
    ).toMatchObject({ healthAnswer: 'check-failed', process: { state: 'running' } });
    await eventually(
      () => supervisor.describe('anna'),
      ({ health }) => health === 'healthy',
      20_000,
    );
    expect(log.bugs.splice(0).map(String)).toEqual(['Error: planted']);
  }, 40_000);
});

describe('the next life of the agent', () => {
  test('adopts by process id and start time; a stray is ended, a torn record is named and its process left alone', async () => {
    const first = await live();
    const ids = await placePackage(home.folders, first.packages);
    for (const id of ['kept', 'stray', 'torn']) {
      await first.supervisor.create(testSpec(id, 'healthy', ids));
      await first.supervisor.start(id);
    }
    const kept = first.supervisor.describe('kept');
    const torn = first.supervisor.processes().find(({ instanceId }) => instanceId === 'torn');
    first.supervisor.close();
    await writeFile(join(home.folders.state, 'instances', 'torn.json'), '{"formatVersion":1,"sp');
    const { rm } = await import('node:fs/promises');
    await rm(join(home.folders.state, 'instances', 'stray.json'));

    const second = await live();
    expect(second.log.entries).toContainEqual({
      event: 'state.torn',
      fields: { path: expect.stringContaining('torn.json'), problem: 'json' },
    });
    await second.supervisor.adopt();
    expect(second.supervisor.describe('kept').process).toEqual(kept.process);
    expect(second.log.entries).toContainEqual({ event: 'supervise.stray', fields: { instanceId: 'stray', processes: 1 } });
    expect([...second.os.findMarked(home.folders.home).keys()].sort()).toEqual(['kept', 'torn']);
    expect(torn !== undefined && second.os.isAlive(torn)).toBe(true);
    expect(
      await eventually(
        () => second.supervisor.describe('kept'),
        ({ health }) => health === 'healthy',
      ),
    ).toMatchObject({ restarts: 0 });

    const recreated = await second.supervisor.create(testSpec('torn', 'healthy', ids));
    expect(recreated).toMatchObject({ wanted: 'stopped', process: { state: 'none' } });
    expect(torn !== undefined && second.os.isAlive(torn)).toBe(false);
  });

  test('a process that only has the number is not taken, and not ended', async () => {
    const first = await live();
    await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
    await first.supervisor.start('anna');
    const record = first.instances.get('anna');
    if (record?.process === undefined) throw new Error('no process');
    await first.supervisor.stop('anna');
    first.supervisor.close();
    await first.instances.save({ ...record, wanted: 'running', process: { ...record.process, processId: process.pid } });

    const second = await live();
    await second.supervisor.adopt();
    const running = await eventually(
      () => second.supervisor.describe('anna'),
      ({ process: now }) => now.state === 'running',
    );
    expect(running.process).not.toMatchObject({ processId: process.pid });
    expect(running.restarts).toBe(1);
  });

  test('an adopted application that dies is noticed and started again', async () => {
    const first = await live();
    await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
    const { port } = await first.supervisor.start('anna');
    first.supervisor.close();
    const second = await live();
    await second.supervisor.adopt();
    await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
    expect(
      await eventually(
        () => second.supervisor.describe('anna'),
        ({ process: now, restarts }) => now.state === 'running' && restarts === 1,
      ),
    ).toMatchObject({ health: 'healthy' });
  });

  test('what was removed half-way is removed whole by asking again', async () => {
    const first = await live({
      failPoint: (point) => {
        if (point === 'instances.remove.folder') throw new Error('killed here');
      },
    });
    await first.supervisor.create(testSpec('anna', 'healthy', await placePackage(home.folders, first.packages)));
    await expect(first.supervisor.remove('anna')).rejects.toThrow('killed here');
    const second = await live();
    expect(await second.supervisor.remains('anna')).toMatchObject({ hasFolder: false, hasState: true });
    await second.supervisor.remove('anna');
    expect(await second.supervisor.remains('anna')).toMatchObject({ hasFolder: false, hasState: false });
    expect(existsSync(join(home.folders.state, 'instances', 'anna.json'))).toBe(false);
  });
});

test('one that is started again by itself and never gets healthy is shown as broken, and asked at the usual pace', async () => {
  const { supervisor, packages, states, clock } = await live();
  const ids = await placePackage(home.folders, packages, testManifest({ startSeconds: 1 }));
  await supervisor.create(testSpec('sick', 'never', ids));
  await supervisor.start('sick').catch(() => undefined);
  await eventually(
    () => states.at(-1),
    (state) => state === 'broken',
  );
  const checked: (number | undefined)[] = [];
  const dispose = supervisor.onChange(() => checked.push(supervisor.describe('sick').healthAtMs));
  const since = clock.nowMs();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  dispose();
  expect(new Set(checked.filter((atMs) => (atMs ?? 0) > since)).size).toBeLessThanOrEqual(2);
});
