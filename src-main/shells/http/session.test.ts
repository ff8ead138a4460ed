import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSessions } from './session.ts';
import { readSessions, sessionKeeper } from './session-file.ts';

const linkToken = 'l'.repeat(43);
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'farm-sessions-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('lets a window go on after a restart of the program, for twelve hours', async () => {
  let nowMs = 1_000_000;
  const failed = vi.fn();
  const first = createSessions({ nowMs: () => nowMs, linkToken, keep: sessionKeeper(home, failed) });
  const cookie = first.exchange(first.newLink());
  expect(first.isSession(cookie)).toBe(true);
  const path = join(home, 'sessions.json');
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('{'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain(cookie);
  const second = createSessions({ nowMs: () => nowMs, linkToken, kept: await readSessions(home) });
  expect(second.isSession(cookie)).toBe(true);
  // what is kept is no cookie
  expect(second.isSession(Object.keys(await readSessions(home))[0])).toBe(false);
  nowMs += 12 * 3_600_000;
  expect(second.isSession(cookie)).toBe(false);
  expect(failed).not.toHaveBeenCalled();
});

it('signs everybody out when the file cannot be read', async () => {
  writeFileSync(join(home, 'sessions.json'), '{"half');
  expect(await readSessions(home)).toEqual({});
});
