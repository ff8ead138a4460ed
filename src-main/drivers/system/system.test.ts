import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FarmError } from '#contract/errors.ts';
import { farmId } from '#contract/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { systemClock } from './clock.ts';
import { createIds } from './ids.ts';
import { createLog } from './log.ts';
import { openLogFile } from './log-file.ts';

const clockAt = (nowMs: () => number): Clock => ({ nowMs, after: () => () => undefined });

describe('ids', () => {
  it('rise, in one millisecond and when the clock goes back, and are version 7', () => {
    let nowMs = 1_800_000_000_000;
    const ids = createIds(clockAt(() => nowMs));
    const made = Array.from({ length: 10_000 }, () => ids.uuid());
    nowMs -= 60_000;
    made.push(ids.uuid());
    nowMs += 120_000;
    made.push(ids.uuid());
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made.slice(-5)) {
      expect(farmId.parse(id)).toBe(id);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(Number.parseInt((made.at(-1) ?? '').replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs);
  });

  it('makes tokens of the asked length', () => {
    expect(Buffer.from(createIds(systemClock).token(32), 'base64url')).toHaveLength(32);
  });
});

describe('clock', () => {
  it('calls after the delay, and not when taken back', async () => {
    const calls: string[] = [];
    systemClock.after(5, () => calls.push('taken back'))();
    await new Promise<void>((resolve) => {
      systemClock.after(10, resolve);
    });
    expect(calls).toEqual([]);
  });
});

describe('log', () => {
  const lines: string[] = [];
  const log = createLog({ clock: clockAt(() => 0), write: (line) => lines.push(line), source: 'core' });
  const last = (): unknown => JSON.parse(lines.at(-1) ?? '');

  it('writes one line of JSON', () => {
    log.info('server.joined', { server: 'a\nb', bytes: new Uint8Array(3), big: 1n });
    expect(lines.at(-1)).not.toContain('\n');
    expect(last()).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      level: 'info',
      source: 'core',
      event: 'server.joined',
      fields: { server: 'a\nb', bytes: '[3 bytes]', big: '1' },
    });
  });

  it('never writes a secret', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nabcdef\n-----END PRIVATE KEY-----';
    log.warn('x', {
      password: 'swordfish',
      deep: { linkToken: 'swordfish', list: [{ cookie: 'swordfish' }] },
      text: `before ${pem} after`,
    });
    log.bug(new Error(`at ${pem}`, { cause: new FarmError('STORE_FULL', { path: '/p' }) }), { passphrase: 'swordfish' });
    expect(lines.slice(-2).join('')).not.toMatch(/swordfish|abcdef/);
    expect(lines.at(-2)).toContain('before [hidden] after');
  });

  it('answers a bug with a reference that stands in the line', () => {
    const reference = log.bug(new Error('broken'));
    expect(reference).toMatch(/^F-[0-9A-HJKMNP-TV-Z]{6}$/);
    expect(last()).toMatchObject({ level: 'bug', fields: { reference, error: { message: 'broken' } } });
    expect(log.bug('only a text')).toMatch(/^F-/);
  });

  it('shows turning characters as escapes, and survives a value that cannot be written', () => {
    log.info('x', { text: 'abc\u202edcb\u0007' });
    expect(lines.at(-1)).not.toContain('\u202e');
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    log.info('x', circle);
    log.info(
      'x',
      Object.defineProperty({}, 'bad', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      }),
    );
    expect(last()).toMatchObject({ fields: '[unwritable]' });
  });
});

it('keeps a log file within its limit, readable by its owner', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-log-'));
  try {
    const path = join(folder, 'logs', 'core.log');
    const file = openLogFile(path, 100);
    for (let n = 0; n < 20; n += 1) {
      file.write(`line ${n}`);
    }
    file.close();
    file.write('after the end');
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(statSync(path).size).toBeLessThanOrEqual(100);
    expect(readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).toMatch(/line 18\nline 19\n$/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
