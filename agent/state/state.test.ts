import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { chooseOs } from '../os/choose-os.ts';
import type { AgentClock, AgentFolders, InstanceRecord } from '../ports.ts';
import { hashOf, testSpec } from '../testing/applications.ts';
import { memoryLog, temporaryHome } from '../testing/test-agent.ts';
import { readJson, sweepTemporary, writeFileAtomically } from './atomic-file.ts';
import { prepareHome, sweepHome } from './home.ts';
import { lockHome } from './home-lock.ts';
import { createInstanceLogs } from './instance-logs.ts';
import { openInstanceStore } from './instance-store.ts';
import { createJsonLog } from './json-log.ts';

const os = chooseOs();
let home: Awaited<ReturnType<typeof temporaryHome>>;
let folders: AgentFolders;
let nowMs = 1000;
const clock: AgentClock = { nowMs: () => nowMs, steadyMs: () => nowMs, after: () => () => undefined };
beforeEach(async () => {
  nowMs = 1000;
  home = await temporaryHome();
  folders = home.folders;
  await prepareHome(folders, os, false);
});
afterEach(() => home.remove());

describe('whole files', () => {
  test('a write that was killed leaves the old text, and its rest is swept', async () => {
    const path = join(folders.state, 'x.json');
    await writeFileAtomically(path, '{"a":1}');
    await writeFile(join(folders.state, '.new-x.json-00'), '{"a":');
    expect(await readJson(path, z.object({ a: z.number() }))).toEqual({ state: 'good', value: { a: 1 } });
    expect(await sweepTemporary(folders.state)).toBe(1);
    expect(await readdir(folders.state)).toEqual(['x.json']);
  });

  test.each([
    ['', 'empty'],
    ['{"a":', 'json'],
    ['{"a":"b"}', 'a'],
  ])('%j is torn, not absent', async (text, problem) => {
    const path = join(folders.state, 'x.json');
    await writeFile(path, text);
    expect(await readJson(path, z.object({ a: z.number() }))).toEqual({ state: 'torn', problem });
    expect(await readJson(`${path}.none`, z.object({}))).toEqual({ state: 'absent' });
  });
});

describe('the home', () => {
  const locks = async (): Promise<string[]> => (await readdir(folders.home)).filter((name) => name.includes('lock'));
  test('belongs to one living process; a dead holder, a reused number and a torn lock do not block it', async () => {
    const release = await lockHome(folders, os);
    await expect(lockHome(folders, os)).rejects.toMatchObject({ code: 'HOME_LOCKED', parameters: { processId: process.pid } });
    await release();
    const dead = JSON.stringify({ state: 'held', processId: process.pid, startMark: 'another start' });
    for (const [at, text] of [dead, '{"processId":99', ''].entries()) {
      await writeFile(join(folders.home, `agent-lock.${10 * (at + 1)}.json`), text);
      await writeFile(join(folders.home, '.agent-lock.killed'), '{"sta');
      await (await lockHome(folders, os))();
      expect(await locks()).toEqual([`agent-lock.${10 * (at + 1) + 1}.json`]);
    }
  });

  test('stays with an agent of the first version that still runs, and not with one that died', async () => {
    const first = join(folders.home, 'agent.lock');
    await writeFile(first, JSON.stringify(os.identify(process.pid)));
    await expect(lockHome(folders, os)).rejects.toMatchObject({ code: 'HOME_LOCKED', parameters: { processId: process.pid } });
    await writeFile(first, JSON.stringify({ processId: 1, startMark: 'x' }));
    await (await lockHome(folders, os))();
    expect(await locks()).toEqual(['agent-lock.1.json']);
  });

  test('of many that take over a dead lock at once, one wins', async () => {
    for (let round = 0; round < 40; round++) {
      const dead = JSON.stringify({ state: 'held', processId: 1, startMark: 'x' });
      await writeFile(join(folders.home, `agent-lock.${100 * (round + 1)}.json`), dead);
      const all = await Promise.allSettled(Array.from({ length: 6 }, () => lockHome(folders, os)));
      const winners = all.filter(({ status }) => status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const winner of winners) if (winner.status === 'fulfilled') await winner.value();
    }
  });

  test('what killed work left is swept, and nothing else', async () => {
    await mkdir(join(folders.packages, '.unpack-1', 'deep'), { recursive: true });
    await mkdir(join(folders.instances, '.gone-anna'));
    await mkdir(join(folders.instances, 'anna'));
    expect((await sweepHome(folders)).sort()).toEqual(['.gone-anna', '.unpack-1']);
    expect(await readdir(folders.instances)).toEqual(['anna']);
  });
});

test('instance records: the newest write wins, a torn one is named and mended by the next', async () => {
  const folder = join(folders.state, 'instances');
  const log = memoryLog();
  const store = await openInstanceStore(folder, log);
  const spec = testSpec('anna', 'healthy', { manifestHash: hashOf('m'), payload: hashOf('p') });
  const record: InstanceRecord = { spec, packageId: 'x', port: 1, wanted: 'stopped', restarts: 0, setupBegun: [], setupDone: [] };
  await Promise.all(Array.from({ length: 20 }, (_, restarts) => store.save({ ...record, restarts })));
  expect((await openInstanceStore(folder, log)).get('anna')).toEqual({ ...record, restarts: 19 });
  await writeFile(join(folder, 'anna.json'), '{');
  const next = await openInstanceStore(folder, log);
  expect([next.list(), next.torn()]).toEqual([[], ['anna']]);
  expect(log.entries).toEqual([{ event: 'state.torn', fields: { path: join(folder, 'anna.json'), problem: 'json' } }]);
  await next.save(record);
  expect(next.torn()).toEqual([]);
  await next.remove('anna');
  expect(await readdir(folder)).toEqual([]);
});

describe('logs of instances', () => {
  const logs = () => createInstanceLogs({ folder: folders.logs, clock, maximumBytes: 1000 });

  test('carry the time at which they were seen to grow, and the agent speaks in between', async () => {
    const all = logs();
    const { outPath, errorPath } = all.prepare('anna');
    await writeFile(outPath, 'one\n');
    all.tend('anna');
    nowMs = 2000;
    all.note('anna', 'started\nforged line');
    nowMs = 3000;
    await appendFile(errorPath, 'bad \u001b[31mthing\u202e\n\n');
    all.tend('anna');
    expect(await all.tail('anna', 10)).toEqual([
      { atMs: 1000, stream: 'out', text: 'one' },
      { atMs: 2000, stream: 'agent', text: 'started forged line' },
      { atMs: 3000, stream: 'error', text: 'bad \u001b[31mthing\u202e' },
      { atMs: 3000, stream: 'error', text: '' },
    ]);
    expect(all.lastLine('anna')).toBe('bad thing');
    all.prepare('anna');
    expect(all.lastLine('anna')).toBe('');
  });

  test('stand before what the agent said after them, and keep the time at which somebody first read them', async () => {
    const all = logs();
    const { outPath } = all.prepare('anna');
    await writeFile(outPath, 'set up\n');
    nowMs = 5000;
    all.note('anna', 'started');
    await appendFile(outPath, 'serving\n');
    nowMs = 6000;
    const read = [
      { atMs: 5000, stream: 'out', text: 'set up' },
      { atMs: 5000, stream: 'agent', text: 'started' },
      { atMs: 6000, stream: 'out', text: 'serving' },
    ];
    expect(await all.tail('anna', 10)).toEqual(read);
    nowMs = 9000;
    all.tend('anna');
    expect(await all.tail('anna', 10)).toEqual(read);
  });

  test('are followed from a line on, across their shortening, until the reader goes', async () => {
    const all = logs();
    const { outPath } = all.prepare('anna');
    await writeFile(outPath, 'one\ntwo\n');
    const reader = new AbortController();
    const lines = all.follow('anna', 1, reader.signal);
    expect((await lines.next()).value).toMatchObject([{ text: 'two' }]);
    await appendFile(outPath, 'three\nhal');
    expect((await lines.next()).value).toMatchObject([{ text: 'three' }]);
    await appendFile(outPath, 'f\n');
    expect((await lines.next()).value).toMatchObject([{ text: 'half' }]);
    await appendFile(outPath, `${'x'.repeat(2000)}\n`);
    await lines.next();
    all.tend('anna');
    expect((await readFile(outPath, 'utf8')).length).toBe(0);
    await appendFile(outPath, 'after\n');
    expect((await lines.next()).value).toMatchObject([{ text: 'after' }]);
    reader.abort();
    expect((await lines.next()).done).toBe(true);
    await all.remove('anna');
    expect(all.has('anna')).toBe(false);
  });
});

test("the agent's own log is JSON lines, bounded, and a bug has a reference", async () => {
  const path = join(folders.logs, 'agent.log');
  const log = createJsonLog(path, clock, 2000);
  const reference = log.bug(new Error('what'), { at: 'test' });
  const first = JSON.parse((await readFile(path, 'utf8')).trim()) as Record<string, unknown>;
  expect(first).toMatchObject({ level: 'bug', reference, message: 'what', at: 'test' });
  for (let n = 0; n < 60; n++) log.info('event', { n });
  expect((await readFile(path, 'utf8')).length).toBeLessThan(2100);
  expect(existsSync(`${path}.1`)).toBe(true);
});
