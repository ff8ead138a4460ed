import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PageNotes, readPageNotes } from './page-notes.ts';

let folder: string;
let path: string;
let nowMs = 0;
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'farm-pages-'));
  path = join(folder, 'pages.jsonl');
  nowMs = 1_000_000;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const open = (more: { readonly most?: number; readonly fileBytes?: number } = {}): PageNotes =>
  new PageNotes({ path, nowMs: () => (nowMs += 1), ...more });
const page = (reference: string, instanceId?: string) => ({
  ...{ reference, kind: instanceId === undefined ? 'unknown' : 'broken', status: 503, host: 'anna.farm.example' },
  ...(instanceId === undefined ? {} : { instanceId }),
});

test('the thousand and first drops the first, and no other', () => {
  const memoryOnly = new PageNotes({ path: join(folder, 'gone', 'pages.jsonl'), nowMs: () => (nowMs += 1) });
  for (let at = 0; at < 1001; at += 1) memoryOnly.note(page(`R-${at}`, 'one'));
  expect(memoryOnly.find('R-0')).toBeUndefined();
  expect(memoryOnly.find('R-1')).toMatchObject({ reference: 'R-1', instanceId: 'one', kind: 'broken' });
  expect(memoryOnly.find('R-1000')).toBeDefined();
});

test('a flood for hosts that nobody has, or for one instance, leaves the pages of others alone', () => {
  const notes = open({ most: 10 });
  for (const name of ['a', 'b', 'c']) notes.note(page(`quiet-${name}`, 'quiet'));
  for (let at = 0; at < 500; at += 1) notes.note(page(`scanned-${at}`));
  for (let at = 0; at < 500; at += 1) notes.note(page(`flooded-${at}`, 'flooded'));
  rmSync(path);
  const found = (reference: string) => notes.find(reference) !== undefined;
  expect(['quiet-a', 'quiet-b', 'quiet-c', 'scanned-499', 'flooded-499'].map(found)).toEqual([true, true, true, true, true]);
  expect(['scanned-0', 'flooded-0', 'flooded-495'].map(found)).toEqual([false, false, false]);
});

test('fifty a second are written as they come, a flood once a second, and the file stays bounded', () => {
  const notes = open({ most: 20, fileBytes: 4000 });
  for (let at = 0; at < 2000; at += 1) {
    notes.note(page(`R-${at}`, 'one'));
    if (at === 0) expect(readPageNotes(path).map(({ reference }) => reference)).toEqual(['R-0']);
  }
  const before = readFileSync(path);
  notes.note(page('R-2000', 'one'));
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readPageNotes(path).at(-1)?.reference).toBe('R-49');
  vi.advanceTimersByTime(1000);
  expect(readPageNotes(path).at(-1)?.reference).toBe('R-2000');
  for (let at = 2001; at < 4000; at += 1) {
    notes.note(page(`R-${at}`, 'one'));
    vi.advanceTimersByTime(at % 7 === 0 ? 1000 : 0);
    expect(statSync(path).size).toBeLessThan(8000);
  }
  notes.flush();
  expect(open({ most: 20, fileBytes: 4000 }).find('R-3999')).toBeDefined();
  expect(readPageNotes(path)[0]?.reference).not.toBe('R-0');
});

test('an edge that has handed over adds to the file, and the next one finds what it added', () => {
  const old = open();
  old.note(page('before', 'one'));
  old.handOver();
  const next = open();
  vi.advanceTimersByTime(5000);
  old.note(page('after', 'one'));
  next.note(page('own', 'two'));
  expect(['before', 'after', 'own'].map((reference) => next.find(reference)?.reference)).toEqual(['before', 'after', 'own']);
  expect(next.find('never')).toBeUndefined();
});

test('torn and foreign lines are passed over; a foreign file of any size is left unread', () => {
  open().note(page('good', 'one'));
  appendFileSync(path, '{"reference":"half","at\n[]\nnull\n{"reference":7}\n');
  expect(open().find('good')).toBeDefined();
  expect(open().find('half')).toBeUndefined();
  writeFileSync(path, 'x'.repeat(7_000_000));
  expect(readPageNotes(path)).toEqual([]);
});

test('text from outside is shortened and can drive nothing', () => {
  const notes = open();
  notes.note({ ...page('R', 'one'), host: `a\u0007\u202e${'h'.repeat(400)}`, cause: `\u001b[2J${'c'.repeat(900)}` });
  const { host, cause } = notes.find('R') ?? {};
  expect([host?.slice(0, 4), cause?.slice(0, 4)]).toEqual(['a\ufffd\ufffdh', '\ufffd[2J']);
  expect([host?.length, cause?.length]).toEqual([253, 200]);
  expect(readFileSync(path, 'utf8')).not.toMatch(/[\u0000-\u0009\u202e]/);
});

test('a file that cannot be written loses nothing that is in memory', () => {
  const notes = new PageNotes({ path: join(folder, 'gone', 'pages.jsonl'), nowMs: () => 1 });
  notes.note(page('kept', 'one'));
  expect(notes.find('kept')).toBeDefined();
});
