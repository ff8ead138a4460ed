import { getEventMeta } from '@orpc/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { InstanceView, LogLine, LogPiece } from '#contract/api/instances.ts';
import { FarmError } from '#contract/errors.ts';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

let farm: TestCore;
const stops: AbortController[] = [];
beforeAll(async () => {
  farm = await createTestCore({ servers: 1 });
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});
afterAll(() => farm.close());

const settled = async (jobId: string): Promise<string> => {
  let state = '';
  for await (const view of await farm.client.jobs.watch({ jobId: jobId as never })) {
    state = view.state;
    if (state === 'stopped') break;
  }
  return state;
};
type Kind = 'restart' | 'stop' | 'suspend' | 'resume';
const act = async (kind: Kind, instanceId: InstanceView['id'], by = 'tester'): Promise<string> =>
  settled((await farm.as('own', by).instances[kind]({ instanceId, requestKey: farm.key() })).id);
const begin = (name: string, of = 'static-site') =>
  farm.as('own', 'Olga').instances.create({ name, packageId: packageId.parse(of), requestKey: farm.key() });
const made = async (name: string, of?: string): Promise<InstanceView> => {
  expect(await settled((await begin(name, of)).id)).toBe('done');
  return farm.client.instances.find({ name });
};
const told = (lines: readonly LogLine[]): string[] => lines.map(({ code, text }) => code ?? text);
const farmLines = async (id: InstanceView['id']) =>
  (await farm.client.instances.log({ instanceId: id })).lines.filter(({ stream }) => stream === 'farm');

/** Follows a log; `until` reads on until a line says the text or the code, and answers with everything read meanwhile. */
const follow = async (instanceId: InstanceView['id'], lines = 100, lastEventId?: string) => {
  const stop = new AbortController();
  stops.push(stop);
  const options = { signal: stop.signal, ...(lastEventId === undefined ? {} : { lastEventId }) };
  const events = (await farm.client.instances.followLog({ instanceId, lines }, options))[Symbol.asyncIterator]();
  let lastId: string | undefined;
  const next = async (): Promise<LogPiece> => {
    const event = await events.next();
    if (event.done === true) throw new Error('the stream ended');
    lastId = getEventMeta(event.value)?.id;
    return event.value;
  };
  const until = async (wanted: string): Promise<string[]> => {
    const all: string[] = [];
    while (!all.includes(wanted)) all.push(...told((await next()).lines));
    return all;
  };
  return { next, until, lastId: () => lastId, stop: () => stop.abort() };
};

describe('the log of an instance', () => {
  test('tells what application, agent and farm did, in the order of time, with who asked', async () => {
    const { id } = await made('anna', 'tiddlywiki');
    const [agent] = farm.agents;
    const by = farm.as('operate', 'Boris').instances;
    agent?.write(id, { atMs: Date.now(), stream: 'agent', text: 'a note of the agent' });
    expect([await act('restart', id, 'Boris'), await act('suspend', id, 'Boris')]).toEqual(['done', 'done']);
    agent?.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'anna', exitCode: '1', lastLine: 'no' }));
    expect(await act('resume', id, 'Boris')).toBe('failed');
    const key = farm.key();
    for (const requestKey of [key, key, farm.key()]) await by.handOver({ instanceId: id, requestKey });
    const { lines, away } = await farm.client.instances.log({ instanceId: id });
    expect(away).toBeUndefined();
    const all = told(lines);
    expect(all.slice(0, 2)).toEqual(['job.begun', 'job.step-done']);
    expect(lines[0]).toMatchObject({ parameters: { type: 'create' }, actor: { kind: 'operator', name: 'Olga' }, text: 'job.begun create' });
    expect(lines.filter(({ code }) => code === 'job.step-done')).toHaveLength(9);
    const begun = all.findIndex((text) => text.includes('listens on port'));
    expect(begun).toBeGreaterThan(1);
    expect(begun).toBeLessThan(all.indexOf('job.done'));
    expect(all.indexOf('a note of the agent')).toBeGreaterThan(all.indexOf('job.done'));
    // the same request twice is one act
    expect(all.slice(all.indexOf('a note of the agent') + 1).filter((text) => !text.includes('listens'))).toEqual([
      'job.done',
      'job.done',
      'job.failed',
      'act.handOver',
      'act.handOver',
    ]);
    expect(lines.find(({ code }) => code === 'job.failed')).toMatchObject({
      parameters: { type: 'resume', step: 'start' },
      actor: { name: 'Boris' },
      failure: { code: 'APPLICATION_DIED', parameters: { exitCode: '1' } },
    });
    expect(lines.filter(({ code }) => code === 'act.handOver').map(({ parameters }) => parameters?.['password'])).toEqual(['yes', 'no']);
    expect((await farm.client.instances.log({ instanceId: id, lines: 2 })).lines).toEqual(lines.slice(-2));
  });

  test('keeps where a job stopped and how it went on, and goes with the instance', async () => {
    const [agent] = farm.agents;
    agent?.failNext('instances.start', new FarmError('APPLICATION_DIED', { name: 'berta', exitCode: '3', lastLine: 'no' }), 2);
    const job = await begin('berta');
    expect(await settled(job.id)).toBe('stopped');
    const { id } = await farm.client.instances.find({ name: 'berta' });
    await farm.as('own', 'Boris').jobs.continue({ jobId: job.id, requestKey: farm.key() });
    expect(await settled(job.id)).toBe('stopped');
    const lines = await farmLines(id);
    expect(told(lines).filter((code) => code !== 'job.step-done')).toEqual(['job.begun', 'job.stopped', 'job.continued', 'job.stopped']);
    const stopped = lines.filter(({ code }) => code === 'job.stopped');
    expect(stopped[0]).toMatchObject({
      parameters: { type: 'create', step: 'start', direction: 'forward' },
      failure: { code: 'APPLICATION_DIED', parameters: { exitCode: '3' } },
    });
    expect(stopped.map(({ actor }) => actor)).toEqual([
      { kind: 'operator', name: 'Olga' },
      { kind: 'operator', name: 'Boris' },
    ]);
    const reader = await follow(id);
    await reader.next();
    await farm.client.jobs.undo({ jobId: job.id, requestKey: farm.key() });
    await expect(reader.until('never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await settled(job.id)).toBe('undone');
    expect(await farm.drivers.store.auditLog.find({ subjectId: id })).toEqual([]);
    await expect(farm.client.instances.log({ instanceId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('leaves nothing when the instance is removed', async () => {
    const { id } = await made('carla');
    expect((await farm.drivers.store.auditLog.find({ subjectId: id })).length).toBeGreaterThan(9);
    const job = await farm.client.instances.remove({ instanceId: id, requestKey: farm.key() });
    expect(await settled(job.id)).toBe('done');
    expect(await farm.drivers.store.auditLog.find({ subjectId: id })).toEqual([]);
  });

  test('is told by our clock, not by that of the agent', async () => {
    const { id } = await made('dora');
    farm.links.shiftClock('oak.test:7443', 90_000);
    const before = Date.now();
    farm.agents[0]?.write(id, { atMs: before + 90_000, stream: 'error', text: 'by a clock that is fast' });
    expect(await act('restart', id)).toBe('done');
    const { lines } = await farm.client.instances.log({ instanceId: id });
    expect(lines.find(({ text }) => text === 'by a clock that is fast')?.atMs).toBe(before);
    expect(told(lines).at(-1)).toBe('job.done');
    farm.links.shiftClock('oak.test:7443', 0);
  });

  test('keeps the newest 400 lines of the farm', async () => {
    const { id } = await made('emma');
    const [row] = await farm.drivers.store.auditLog.find({ subjectId: id });
    if (row === undefined) throw new Error('no line');
    for (let at = 0; at < 400; at += 1) await farm.drivers.store.auditLog.insert({ ...row, id: `old-${String(at).padStart(3, '0')}` });
    expect(await act('restart', id)).toBe('done');
    const kept = await farm.drivers.store.auditLog.find({ subjectId: id });
    expect(kept).toHaveLength(400);
    expect(kept.some(({ code, parameters }) => code === 'job.done' && parameters['type'] === 'restart')).toBe(true);
  });
});

describe('the log, followed', () => {
  test('brings what application and farm do as it happens, and goes on from an event without a repeat', async () => {
    const { id } = await made('frida');
    const reader = await follow(id, 3);
    expect((await reader.next()).lines).toHaveLength(3);
    expect(await act('restart', id)).toBe('done');
    const live = await reader.until('job.done');
    expect(live.map((text) => (text.includes('listens') ? 'listens' : text))).toEqual(['listens', 'job.done']);
    const from = reader.lastId();
    reader.stop();
    farm.agents[0]?.write(id, { atMs: Date.now(), stream: 'out', text: 'while nobody read' });
    expect(await act('stop', id)).toBe('done');
    const again = await follow(id, 100, from);
    expect(await again.until('job.done')).toEqual(['while nobody read', 'job.done']);
    farm.agents[0]?.write(id, { atMs: Date.now(), stream: 'out', text: 'last words' });
    expect(await again.until('last words')).toEqual(['last words']);
  });

  test('tells what the farm did while the server is away, and the rest once it is back', async () => {
    const { id } = await made('greta');
    farm.links.cut('oak.test:7443', true);
    const alone = await farm.client.instances.log({ instanceId: id });
    expect(alone.away).toMatchObject({ code: 'SERVER_UNREACHABLE', parameters: { server: 'Oak' } });
    expect(alone.lines.every(({ stream }) => stream === 'farm')).toBe(true);
    const reader = await follow(id, 20);
    const first = await reader.next();
    expect(first).toEqual({ lines: alone.lines, away: alone.away });
    farm.links.cut('oak.test:7443', false);
    const back = await reader.next();
    expect(back.away).toBeUndefined();
    expect(told(back.lines)).toEqual([expect.stringContaining('listens on port')]);
  });

  test('of no lines at first tells only what is new', async () => {
    const { id } = await made('hanna');
    const reader = await follow(id, 0);
    expect((await reader.next()).lines).toEqual([]);
    expect(await act('suspend', id)).toBe('done');
    expect(told((await reader.next()).lines)).toEqual(['job.done']);
  });
});
