import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Keeper } from '../../ports/secrets.ts';
import { createFileKeeper } from './file-keeper.ts';
import { createKeychainKeeper, type Keychain } from './keychain-keeper.ts';
import { openSecrets as openWith, type SecretsOptions } from './open-secrets.ts';
import { createPassphraseKeeper } from './passphrase-keeper.ts';

/** Cheap passphrases: what they cost for real is tried once, below. */
const openSecrets = (options: SecretsOptions): ReturnType<typeof openWith> =>
  openWith({ passphraseCost: { n: 2 ** 10, r: 8, p: 1 }, ...options });
let folder = '';
const keyPath = (): string => join(folder, 'data.key');
const keepersPath = (): string => join(folder, 'keepers.json');
const fileKeeper = (): Keeper => createFileKeeper(keyPath());
/** A keychain whose own key is one byte; it turns every byte of what it is given. */
const fakeKeychain = (key: number, backend: 'gnome' | 'basic_text' = 'gnome'): Keychain => ({
  availability: async () => (backend === 'basic_text' ? 'basic-text' : 'none'),
  encrypt: async (plaintext) => Buffer.from(Buffer.from(plaintext).map((byte) => byte ^ key)).toString('base64'),
  decrypt: async (encrypted) => Buffer.from(Buffer.from(encrypted, 'base64').map((byte) => byte ^ key)).toString('utf8'),
});

/** A keeper that may ask is given the key beside, after the home is open. */
const holdByAll = (secrets: Awaited<ReturnType<typeof openWith>>): Promise<void> =>
  vi.waitFor(async () => expect((await secrets.keepers()).find(({ kind }) => kind === 'keychain')?.holds).toBe(true));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('sealed values', () => {
  it('open in a later program, and hold nothing of the text', async () => {
    const sealed = await (await openSecrets({ folder, keepers: [fileKeeper()] })).seal('domain:1', 'swordfish 🐟');
    expect(sealed).not.toContain('swordfish');
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString()).not.toContain('swordfish');
    expect(await (await openSecrets({ folder, keepers: [fileKeeper()] })).open('domain:1', sealed)).toBe('swordfish 🐟');
  });

  it('are never sealed the same way twice', async () => {
    const secrets = await openSecrets({ folder, keepers: [fileKeeper()] });
    expect(await secrets.seal('a', 'x')).not.toBe(await secrets.seal('a', 'x'));
  });

  it('do not open under another context, nor with one bit changed, nor cut', async () => {
    const secrets = await openSecrets({ folder, keepers: [fileKeeper()] });
    const sealed = await secrets.seal('instance:1', 'swordfish');
    await expect(secrets.open('instance:2', sealed)).rejects.toMatchObject({
      code: 'HOME_HALF_WRITTEN',
      parameters: { path: 'instance:2' },
    });
    const parts = sealed.split('.');
    for (const index of [1, 2, 3]) {
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      const changed = parts.with(index, bytes.toString('base64url')).join('.');
      await expect(secrets.open('instance:1', changed)).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN' });
    }
    for (const torn of ['', sealed.slice(0, 10), parts.slice(0, 3).join('.'), parts.with(0, '2').join('.')])
      await expect(secrets.open('instance:1', torn)).rejects.toMatchObject({ code: 'HOME_HALF_WRITTEN' });
    expect(await secrets.open('instance:1', sealed)).toBe('swordfish');
  });
});

describe('keepers', () => {
  it('leave files of their owner only, also after somebody opened them up', async () => {
    await openSecrets({ folder, keepers: [fileKeeper()] });
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
    expect(statSync(keepersPath()).mode & 0o777).toBe(0o600);
    chmodSync(keyPath(), 0o644);
    await openSecrets({ folder, keepers: [fileKeeper()] });
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
  });

  it('each open the same home alone', async () => {
    const keychain = createKeychainKeeper(fakeKeychain(7));
    const first = await openSecrets({ folder, keepers: [keychain, fileKeeper()] });
    await first.addPassphrase('correct horse battery');
    await holdByAll(first);
    const sealed = await first.seal('a', 'swordfish');
    expect((await first.keepers()).map(({ kind, holds }) => [kind, holds])).toEqual([
      ['keychain', true],
      ['file', true],
      ['passphrase', true],
    ]);
    for (const keeper of [keychain, fileKeeper(), createPassphraseKeeper('correct horse battery')])
      expect(await (await openSecrets({ folder, keepers: [keeper] })).open('a', sealed)).toBe('swordfish');
  });

  it('are told of in a shell that lacks them', async () => {
    await holdByAll(await openSecrets({ folder, keepers: [createKeychainKeeper(fakeKeychain(7)), fileKeeper()] }));
    const views = await (await openSecrets({ folder, keepers: [fileKeeper()] })).keepers();
    expect(views).toContainEqual({ kind: 'keychain', holds: true, isAvailable: false, reason: 'not-this-shell' });
    expect(views).toContainEqual({ kind: 'passphrase', holds: false, isAvailable: true, reason: 'none' });
  });

  it('count basic_text as no keychain', async () => {
    const basic = createKeychainKeeper(fakeKeychain(7, 'basic_text'));
    const views = await (await openSecrets({ folder, keepers: [basic, fileKeeper()] })).keepers();
    expect(views).toContainEqual({ kind: 'keychain', holds: false, isAvailable: false, reason: 'basic-text' });
    expect(readFileSync(keepersPath(), 'utf8')).not.toContain('keychain');
    rmSync(keepersPath());
    await expect(openSecrets({ folder, keepers: [basic] })).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
    expect(existsSync(keepersPath())).toBe(false);
  });

  /** Electron's asynchronous calls wait for the person, or for ever; the person may say no (electron#safeStorage). */
  describe('of which the keychain', () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const no = async (): Promise<never> => {
      throw new Error('the person said no');
    };
    it.each([
      ['never says whether it is there', { ...fakeKeychain(7), availability: never }],
      ['cannot say whether it is there', { ...fakeKeychain(7), availability: no }],
      ['never takes the key', { ...fakeKeychain(7), encrypt: never }],
      ['refuses the key', { ...fakeKeychain(7), encrypt: no }],
    ])('%s: a new home opens at once all the same, and again', async (_what, keychain) => {
      const keepers = [createKeychainKeeper(keychain), fileKeeper()];
      const startedMs = performance.now();
      const sealed = await (await openSecrets({ folder, keepers })).seal('a', 'x');
      expect(await (await openSecrets({ folder, keepers })).open('a', sealed)).toBe('x');
      expect(performance.now() - startedMs).toBeLessThan(1000);
    });

    it('is silent is shown as none, without a wait', async () => {
      const secrets = await openSecrets({
        folder,
        keepers: [createKeychainKeeper({ ...fakeKeychain(7), availability: never }), fileKeeper()],
      });
      const startedMs = performance.now();
      expect(await secrets.keepers()).toContainEqual({ kind: 'keychain', holds: false, isAvailable: false, reason: 'no-keychain' });
      expect(performance.now() - startedMs).toBeLessThan(2000);
    });

    it('is the only one and refuses: nothing is begun', async () => {
      const keychain = createKeychainKeeper({ ...fakeKeychain(7), encrypt: no });
      await expect(openSecrets({ folder, keepers: [keychain] })).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
      expect(existsSync(keepersPath())).toBe(false);
    });

    it('answers after the home was closed: nothing is written any more', async () => {
      const late = Promise.withResolvers<string>();
      const keychain = createKeychainKeeper({ ...fakeKeychain(7), encrypt: () => late.promise });
      const secrets = await openSecrets({ folder, keepers: [keychain, fileKeeper()] });
      await secrets.close();
      const before = readFileSync(keepersPath(), 'utf8');
      late.resolve('sealed');
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(readFileSync(keepersPath(), 'utf8')).toBe(before);
    });
  });

  it('that came later hold the key too', async () => {
    const sealed = await (await openSecrets({ folder, keepers: [fileKeeper()] })).seal('a', 'x');
    const keychain = createKeychainKeeper(fakeKeychain(9));
    await holdByAll(await openSecrets({ folder, keepers: [keychain, fileKeeper()] }));
    rmSync(keyPath());
    expect(await (await openSecrets({ folder, keepers: [keychain] })).open('a', sealed)).toBe('x');
  });

  it('that lost their part get it again when another opens the home', async () => {
    const first = await openSecrets({ folder, keepers: [fileKeeper()] });
    await first.addPassphrase('correct horse battery');
    const sealed = await first.seal('a', 'x');
    rmSync(keyPath());
    await openSecrets({ folder, keepers: [fileKeeper(), createPassphraseKeeper('correct horse battery')] });
    expect(await (await openSecrets({ folder, keepers: [fileKeeper()] })).open('a', sealed)).toBe('x');
  });
});

describe('a home that does not open', () => {
  it('names the keepers that hold its key when the key file is lost, and makes no new one', async () => {
    await (await openSecrets({ folder, keepers: [fileKeeper()] })).addPassphrase('correct horse battery');
    const before = readFileSync(keepersPath(), 'utf8');
    rmSync(keyPath());
    await expect(openSecrets({ folder, keepers: [fileKeeper()] })).rejects.toMatchObject({
      code: 'SECRETS_LOCKED',
      parameters: { keepers: 'file, passphrase' },
    });
    expect(existsSync(keyPath())).toBe(false);
    expect(readFileSync(keepersPath(), 'utf8')).toBe(before);
  });

  it('stays closed to a wrong passphrase, a key file and a keychain of another home', async () => {
    const keychain = createKeychainKeeper(fakeKeychain(7));
    const secrets = await openSecrets({ folder, keepers: [keychain, fileKeeper()] });
    await secrets.addPassphrase('correct horse battery');
    await holdByAll(secrets);
    const before = readFileSync(keepersPath(), 'utf8');
    const other = join(folder, 'other');
    mkdirSync(other);
    await openSecrets({ folder: other, keepers: [createFileKeeper(join(other, 'data.key'))] });
    const strangers = [
      createPassphraseKeeper('incorrect horse'),
      createFileKeeper(join(other, 'data.key')),
      createKeychainKeeper(fakeKeychain(8)),
    ];
    await expect(openSecrets({ folder, keepers: strangers })).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
    expect(readFileSync(keepersPath(), 'utf8')).toBe(before);
  });

  it('takes the passphrase that was set last', async () => {
    const secrets = await openSecrets({ folder, keepers: [fileKeeper()] });
    await Promise.all([secrets.addPassphrase('the first passphrase'), secrets.addPassphrase('the second passphrase')]);
    await expect(openSecrets({ folder, keepers: [createPassphraseKeeper('the first passphrase')] })).rejects.toMatchObject({
      code: 'SECRETS_LOCKED',
    });
    await openSecrets({ folder, keepers: [createPassphraseKeeper('the second passphrase')] });
  });

  it.each([
    ['an empty keepers.json', ''],
    ['half a keepers.json', '{"formatVersion":1,"keyCheck":"1.'],
    ['one of a newer program', '{"formatVersion":2}'],
    ['one without keepers', '{"formatVersion":1,"keyCheck":"1.a.b.c","wraps":{}}'],
  ])('says which file is half: %s', async (_name, text) => {
    await openSecrets({ folder, keepers: [fileKeeper()] });
    writeFileSync(keepersPath(), text);
    await expect(openSecrets({ folder, keepers: [fileKeeper()] })).rejects.toMatchObject({
      code: 'HOME_HALF_WRITTEN',
      parameters: { path: keepersPath() },
    });
    expect(readFileSync(keepersPath(), 'utf8')).toBe(text);
  });

  it('says that the key file is half', async () => {
    await openSecrets({ folder, keepers: [fileKeeper()] });
    writeFileSync(keyPath(), 'short');
    await expect(openSecrets({ folder, keepers: [fileKeeper()] })).rejects.toMatchObject({
      code: 'HOME_HALF_WRITTEN',
      parameters: { path: keyPath(), problem: 'key' },
    });
  });

  it('makes whoever tries passphrases pay, unless it is told otherwise', async () => {
    await (await openWith({ folder, keepers: [fileKeeper()] })).addPassphrase('correct horse battery');
    expect(readFileSync(keepersPath(), 'utf8')).toContain('"scrypt:131072:8:1:');
    await openWith({ folder, keepers: [createPassphraseKeeper('correct horse battery')] });
  });

  it('refuses stored costs that would eat the memory', async () => {
    const keeper = createPassphraseKeeper('correct horse battery');
    await expect(keeper.unwrap('scrypt:1073741824:8:1:AAAA:1.a.b.c')).rejects.toThrow('form');
  });
});

describe('a program that was killed', () => {
  it('after the key file and before keepers.json begins again with the same file', async () => {
    await openSecrets({ folder, keepers: [fileKeeper()] });
    const key = readFileSync(keyPath());
    rmSync(keepersPath());
    writeFileSync(join(folder, '.data.key.0123456789abcdef.tmp'), 'half');
    const sealed = await (await openSecrets({ folder, keepers: [fileKeeper()] })).seal('a', 'x');
    expect(readFileSync(keyPath())).toEqual(key);
    expect(await (await openSecrets({ folder, keepers: [fileKeeper()] })).open('a', sealed)).toBe('x');
  });

  it('and one that starts at the same time end with one key file', async () => {
    const keys = await Promise.all([1, 2, 3].map((n) => createFileKeeper(keyPath()).wrap(new Uint8Array(32).fill(n))));
    for (const [index, wrapped] of keys.entries()) expect(await fileKeeper().unwrap(wrapped)).toEqual(Buffer.alloc(32, index + 1));
  });
});
