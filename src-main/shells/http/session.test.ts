import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSessions } from './session.ts';
import { readSessions, sessionKeeper } from './session-file.ts';

const linkToken = 'l'.repeat(43);
const origin = () => 'http://127.0.0.1:7400';
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'farm-sessions-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('lets a window go on after a restart of the program, for twelve hours', async () => {
  let nowMs = 1_000_000;
  const failed = vi.fn();
  const first = createSessions({ nowMs: () => nowMs, linkToken, origin, keep: sessionKeeper(home, failed) });
  const { cookie, key } = first.exchange(first.newLink()) ?? { cookie: '', key: '' };
  expect(first.isSession(cookie, key)).toBe(true);
  const path = join(home, 'sessions.json');
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('keyHash'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const secret of [cookie, key]) expect(readFileSync(path, 'utf8')).not.toContain(secret);
  const second = createSessions({ nowMs: () => nowMs, linkToken, origin, kept: await readSessions(home) });
  expect(second.isSession(cookie, key)).toBe(true);
  // what is kept is neither cookie nor key
  for (const [hash, { keyHash }] of Object.entries(await readSessions(home)))
    expect([second.isCookie(hash), second.isSession(hash, keyHash), second.isSession(cookie, keyHash)]).toEqual([false, false, false]);
  nowMs += 12 * 3_600_000;
  expect([second.isSession(cookie, key), second.isCookie(cookie)]).toEqual([false, false]);
  expect(failed).not.toHaveBeenCalled();
});

it('a cookie without its key is no session, nor with the key of another one', () => {
  const sessions = createSessions({ nowMs: () => 0, linkToken, origin });
  const [one, two] = [sessions.exchange(sessions.newLink()), sessions.exchange(sessions.newLink())];
  expect(sessions.isCookie(one?.cookie)).toBe(true);
  for (const key of [undefined, '', one?.cookie, two?.key]) expect(sessions.isSession(one?.cookie, key)).toBe(false);
  for (const cookie of [undefined, '', one?.key, two?.cookie]) expect(sessions.isSession(cookie, one?.key)).toBe(false);
});

it('a key of the port that another program has taken since opens nothing at the new one', async () => {
  const first = createSessions({ nowMs: () => 0, linkToken, origin, keep: sessionKeeper(home, vi.fn()) });
  const { cookie, key } = first.exchange(first.newLink()) ?? { cookie: '', key: '' };
  await vi.waitFor(async () => expect(Object.keys(await readSessions(home))).toHaveLength(1));
  const kept = await readSessions(home);
  const elsewhere = createSessions({ nowMs: () => 0, linkToken, origin: () => 'http://127.0.0.1:7401', kept });
  expect([elsewhere.isCookie(cookie), elsewhere.isSession(cookie, key)]).toEqual([true, false]);
});

it.each(['{"half', `{"${'0'.repeat(64)}":4000000000000}`])(
  'signs everybody out when the file cannot be read or is of before keys (%s)',
  async (text) => {
    writeFileSync(join(home, 'sessions.json'), text);
    expect(await readSessions(home)).toEqual({});
  },
);
