import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { desktopPlaces } from './desktop-places.ts';
import type { FromCore, ToCore } from './core-messages.ts';
import { serveCore } from './serve-core.ts';

let home = '';
let told: FromCore[];
let tell: (message: ToCore) => void;
/** What happens to the home in the moment in which the core says this. */
let at: Partial<Record<FromCore['kind'], () => void>>;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'farm-core-'));
  told = [];
  at = {};
  serveCore({
    on: (_event, listener) => {
      tell = (data) => listener({ data, ports: [] });
    },
    postMessage: (message) => {
      told.push(message);
      at[message.kind]?.();
      if (message.kind === 'keychain') queueMicrotask(() => tell({ kind: 'keychain', request: message.request }));
    },
  });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = (): void => {
  const places = desktopPlaces({ appPath: home, resourcesPath: '', isPackaged: false, runtimePath: '', dataFolder: home });
  tell({ kind: 'open', opening: { home, version: '0.1.0', operatorName: 'Anna', isDemo: false, language: 'en', places } });
};
/** The lock cannot be let go any more. */
const spoilLock = (): void => {
  for (const name of readdirSync(home).filter((one) => one.startsWith('core-lock.'))) {
    rmSync(join(home, name));
    mkdirSync(join(home, name));
  }
};
const kinds = (): string[] => told.map(({ kind }) => kind);

describe('a core that cannot be opened, and cannot let everything go either,', () => {
  it('says why it could not be opened, not what failed after that', async () => {
    at = {
      taken: () => {
        writeFileSync(join(home, 'keepers.json'), '{');
        spoilLock();
      },
    };
    open();
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ kind: 'failed', failure: { code: 'HOME_HALF_WRITTEN' } }), 5000);
  });

  it('says it also when it was all but open', async () => {
    at = {
      taken: () => {
        mkdirSync(join(home, 'link.json', 'full'), { recursive: true });
        spoilLock();
      },
    };
    open();
    await vi.waitFor(() => expect(kinds()).toContain('failed'), 5000);
    tell({ kind: 'close' });
    await vi.waitFor(() => expect(kinds().at(-1)).toBe('closed'));
  });
});

it('a core lets go what it can when one part of it fails', async () => {
  open();
  await vi.waitFor(() => expect(kinds()).toContain('opened'), 5000);
  // What is taken back first.
  rmSync(join(home, 'link.json'));
  mkdirSync(join(home, 'link.json'));
  tell({ kind: 'close' });
  await vi.waitFor(() => expect(kinds().at(-1)).toBe('closed'), 5000);
  const lock = readdirSync(home).find((name) => name.startsWith('core-lock.')) ?? '';
  expect(JSON.parse(readFileSync(join(home, lock), 'utf8'))).toMatchObject({ state: 'free' });
});
