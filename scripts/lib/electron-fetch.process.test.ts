import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lookForElectron } from './electron.mjs';
import { bringElectron, isRefusal } from './electron-fetch.mjs';
import { type Behaviour, type Mirror, startMirror, startProxy } from './fixtures/electron-mirror.ts';
import { archiveName, fakeVersion, installCopy, makeElectronPackage, type FakePackage } from './fixtures/electron-package.ts';
import { root } from './root.mjs';

// Each fetch is a process of its own; a busy machine takes its time.
vi.setConfig({ testTimeout: 40_000 });

let fake: FakePackage;
let mirror: Mirror;
const children: ChildProcess[] = [];
const undo: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fake = makeElectronPackage();
  mirror = await startMirror(fake.archive, { kind: 'whole' });
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  for (const step of undo.splice(0)) await step();
  await mirror.close();
  fake.remove();
});

/** What the computer has of its own must not reach the fetches. */
const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy|electron/iu.test(name)));
const environment = (): NodeJS.ProcessEnv => ({ ...plain, ELECTRON_MIRROR: mirror.address, electron_config_cache: fake.cacheFolder });

type Options = {
  environment?: NodeJS.ProcessEnv;
  isAsked?: boolean;
  isTorn?: boolean;
  silentMs?: number;
  mostMs?: number;
  isTTY?: boolean;
  nowMs?: number;
};
async function bring(options: Options = {}) {
  let said = '';
  const nowMs = options.nowMs;
  const outcome = await bringElectron({
    packageFolder: fake.packageFolder,
    node: process.execPath,
    platform: process.platform,
    environment: options.environment ?? environment(),
    isAsked: options.isAsked ?? false,
    ...(options.isTorn === undefined ? {} : { isTorn: options.isTorn }),
    screen: {
      write: (text: string) => {
        said += text;
      },
      isTTY: options.isTTY ?? false,
    },
    limits: { silentMs: options.silentMs ?? 20_000, mostMs: options.mostMs ?? 30_000, sayEveryMs: 200 },
    ...(nowMs === undefined ? {} : { nowMs: () => nowMs }),
  });
  return { outcome, said };
}
const copy = () => lookForElectron({ packageFolder: fake.packageFolder, platform: process.platform, environment: plain });
const leftovers = (): string[] =>
  readdirSync(fake.packageFolder).filter((name) => name.startsWith('.farmstead-new-') || name.endsWith('.new'));
const stamp = (): string => join(fake.packageFolder, '.farmstead-refused.json');

describe('Electron that is not here', () => {
  it('is fetched, checked, unpacked and put in its place as its own installer would', async () => {
    const { outcome, said } = await bring();
    expect(outcome).toMatchObject({ state: 'there', isNew: true });
    expect(said).toContain(`Electron ${fakeVersion}`);
    expect(copy()).toMatchObject({ state: 'whole', isOwn: true });
    expect(readFileSync(join(fake.packageFolder, 'dist', 'version'), 'utf8')).toBe(fakeVersion);
    if (outcome.state === 'there') expect(statSync(outcome.binary).mode & 0o111).toBe(0o111);
    expect(leftovers()).toEqual([]);
    // What is here is not asked for again, and nothing is said.
    expect(await bring()).toMatchObject({ outcome: { state: 'there', isNew: false }, said: '' });
    expect(mirror.requests).toEqual([`/v${fakeVersion}/${archiveName}`]);
  });

  it.each([
    ['telling how much will come', true, /Electron: \d+ % \(\d+ of 2 MB\)/],
    ['not telling how much', false, /Electron: \d+ MB/],
  ])('may come slowly, %s: it is shown, not given up', async (_what, isLengthTold, pattern) => {
    mirror.behaviour = { kind: 'drips', bytes: 80_000, everyMs: 200, isLengthTold };
    const startedMs = performance.now();
    const { outcome, said } = await bring({ silentMs: 4000 });
    expect(outcome).toMatchObject({ state: 'there' });
    expect(performance.now() - startedMs).toBeGreaterThan(4000);
    expect(said).toMatch(pattern);
    expect(said.split('\n').length).toBeGreaterThan(3);
  });

  it('shows its progress in place on a terminal', async () => {
    mirror.behaviour = { kind: 'drips', bytes: 200_000, everyMs: 100 };
    const { said } = await bring({ isTTY: true });
    expect(said).toMatch(/\n(?:\rElectron: [^\n]+){2,}\n$/);
  });
});

describe('a fetch that does not work out', () => {
  it.each<[string, Behaviour, RegExp]>([
    ['goes silent', { kind: 'goes-silent', afterBytes: 500_000 }, /nothing came for 3 s/],
    ['never begins', { kind: 'says-nothing' }, /nothing came for 3 s/],
    ['is cut', { kind: 'cuts', afterBytes: 500_000 }, /the connection broke after \d MB: \S/],
    ['meets a busy place', { kind: 'refuses', status: 503 }, /503/],
    ['is asked to come later', { kind: 'refuses', status: 429 }, /429/],
  ])('because it %s says so, leaves nothing, and is tried again at the next start', async (_what, behaviour, pattern) => {
    mirror.behaviour = behaviour;
    const { outcome } = await bring({ silentMs: 3000 });
    expect(outcome).toMatchObject({ state: 'away', reason: expect.stringMatching(pattern) });
    expect([copy().state, leftovers(), existsSync(stamp())]).toEqual(['absent', [], false]);
    mirror.behaviour = { kind: 'whole' };
    expect((await bring()).outcome).toMatchObject({ state: 'there' });
  });

  it('because it takes too long in all ends', async () => {
    mirror.behaviour = { kind: 'drips', bytes: 1000, everyMs: 50 };
    const { outcome } = await bring({ silentMs: 10_000, mostMs: 3000 });
    expect(outcome).toMatchObject({ state: 'away', reason: 'it had not come after 0 min' });
    expect([copy().state, leftovers(), existsSync(stamp())]).toEqual(['absent', [], false]);
  });

  it.each<[string, Behaviour, RegExp]>([
    ['no such file', { kind: 'refuses', status: 404 }, /404/],
    ['no entry', { kind: 'refuses', status: 403 }, /403/],
    ['another file', { kind: 'other' }, /checksum/],
  ])('because of %s is remembered, so that the next start asks nobody', async (_what, behaviour, pattern) => {
    mirror.behaviour = behaviour;
    const first = await bring();
    expect(first.outcome).toMatchObject({ state: 'away', reason: expect.stringMatching(pattern) });
    const asked = mirror.requests.length;
    mirror.behaviour = { kind: 'whole' };
    expect(await bring()).toEqual({ outcome: first.outcome, said: '' });
    expect(mirror.requests).toHaveLength(asked);
  });

  it.each<[string, () => Options]>([
    ['by who asks for the window', () => ({ isAsked: true })],
    ['from another place', () => ({ environment: { ...environment(), ELECTRON_MIRROR: `${mirror.address}other/` } })],
    ['an hour later', () => ({ nowMs: Date.now() + 3_600_000 })],
  ])('because it was refused is tried again %s', async (_what, options) => {
    mirror.behaviour = { kind: 'refuses', status: 404 };
    await bring();
    mirror.behaviour = { kind: 'whole' };
    expect((await bring(options())).outcome).toMatchObject({ state: 'there' });
    expect(existsSync(stamp())).toBe(false);
  });

  it('because nobody listens there is remembered', async () => {
    const port = Number(new URL(mirror.address).port);
    await mirror.close();
    const { outcome } = await bring();
    expect(outcome).toMatchObject({ state: 'away', reason: expect.stringContaining(`127.0.0.1:${port}`) });
    expect(existsSync(stamp())).toBe(true);
    expect((await bring()).said).toBe('');
  });

  it('because a folder cannot be written is said, not thrown', async () => {
    writeFileSync(join(fake.packageFolder, 'dist'), 'no folder');
    const { outcome } = await bring({
      environment: { ...environment(), electron_config_cache: join(fake.packageFolder, 'package.json') },
    });
    expect(outcome).toMatchObject({ state: 'away', reason: expect.stringMatching(/ENOTDIR|EEXIST/) });
    expect([leftovers(), existsSync(stamp())]).toEqual([[], false]);
  });
});

describe('a copy that is not whole', () => {
  it.each<[string, () => void]>([
    ['has a program of 0 bytes', () => writeFileSync(installCopy(fake.packageFolder), '')],
    ['has a program of zeros', () => writeFileSync(installCopy(fake.packageFolder), Buffer.alloc(4096))],
    ['was not unpacked to its end', () => mkdirSync(join(fake.packageFolder, 'dist', 'locales'), { recursive: true })],
    [
      'lacks the note that its installer writes last',
      () => {
        installCopy(fake.packageFolder);
        writeFileSync(join(fake.packageFolder, 'path.txt'), '');
      },
    ],
    [
      'is of another version',
      () => {
        installCopy(fake.packageFolder);
        writeFileSync(join(fake.packageFolder, 'dist', 'version'), '9.9.8');
      },
    ],
  ])('because it %s is taken away and fetched again', async (_what, tear) => {
    tear();
    writeFileSync(join(fake.packageFolder, 'dist', 'of-the-torn-copy'), '');
    expect(copy().state).toBe('torn');
    const { outcome, said } = await bring();
    expect(outcome).toMatchObject({ state: 'there', isNew: true });
    expect(said).toContain('is not whole');
    expect(copy().state).toBe('whole');
    expect(existsSync(join(fake.packageFolder, 'dist', 'of-the-torn-copy'))).toBe(false);
  });

  it('is fetched again though an earlier fetch was refused, and taken away even when that fails', async () => {
    mirror.behaviour = { kind: 'refuses', status: 404 };
    await bring();
    writeFileSync(installCopy(fake.packageFolder), '');
    expect((await bring()).outcome).toMatchObject({ state: 'away' });
    expect([mirror.requests.length, copy().state]).toEqual([2, 'absent']);
  });

  it('is fetched again when only its start showed it', async () => {
    installCopy(fake.packageFolder);
    expect((await bring({ isTorn: true })).outcome).toMatchObject({ state: 'there', isNew: true });
    expect(mirror.requests).toHaveLength(1);
  });

  it('of somebody else’s (ELECTRON_OVERRIDE_DIST_PATH) is left alone', async () => {
    const folder = join(fake.folder, 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'electron'), '');
    const { outcome } = await bring({ environment: { ...environment(), ELECTRON_OVERRIDE_DIST_PATH: folder } });
    expect(outcome).toMatchObject({ state: 'useless', path: expect.stringContaining(folder) });
    expect(mirror.requests).toEqual([]);
    expect(existsSync(join(folder, 'electron'))).toBe(true);
  });
});

describe('through a proxy', () => {
  it.each([
    ['HTTPS_PROXY', 'HTTP_PROXY'],
    ['https_proxy', 'http_proxy'],
    ['npm_config_https_proxy', 'npm_config_proxy'],
  ])('of %s and %s Electron is fetched, name and password included', async (https, http) => {
    const proxy = await startProxy();
    undo.push(proxy.close);
    const { port } = new URL(mirror.address);
    const address = `http://ann:s3cr%3At@127.0.0.1:${proxy.port}`;
    // A name that only the proxy knows.
    const through = { ...environment(), ELECTRON_MIRROR: `http://electron.example:${port}/`, [https]: address, [http]: address };
    expect((await bring({ environment: through })).outcome).toMatchObject({ state: 'there' });
    expect(proxy.asked).toEqual([expect.stringMatching(new RegExp(`^electron\\.example:${port} Basic `))]);
  });

  it('that says no is named without its password, and remembered without it', async () => {
    const proxy = await startProxy();
    undo.push(proxy.close);
    const address = `http://ann:wr0ng-pass@127.0.0.1:${proxy.port}`;
    const through = { ...environment(), ELECTRON_MIRROR: 'http://electron.example/', HTTP_PROXY: address, HTTPS_PROXY: address };
    const { outcome, said } = await bring({ environment: through });
    expect(outcome).toMatchObject({ state: 'away', reason: expect.stringContaining('407') });
    const told = JSON.stringify(outcome) + said + readFileSync(stamp(), 'utf8');
    expect(told).not.toContain('wr0ng-pass');
    expect(told).not.toContain('ann');
  });
});

describe('killed in the middle', () => {
  const runner = (): string => {
    const path = join(fake.folder, 'start.mjs');
    const fetcher = pathToFileURL(join(root, 'scripts', 'lib', 'electron-fetch.mjs')).href;
    writeFileSync(
      path,
      `import { bringElectron } from ${JSON.stringify(fetcher)};
await bringElectron({ packageFolder: ${JSON.stringify(fake.packageFolder)}, node: process.execPath, platform: process.platform, environment: process.env, isAsked: false, screen: process.stderr });`,
    );
    return path;
  };
  const startFetch = (): ChildProcess => {
    const child = spawn(process.execPath, [runner()], { env: environment(), stdio: 'ignore', detached: true });
    children.push(child);
    return child;
  };
  const ended = (child: ChildProcess): Promise<unknown> =>
    new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve(0) : child.once('exit', resolve)));

  it('with all its children nothing counts as good; what is left goes with the next fetch', async () => {
    mirror.behaviour = { kind: 'drips', bytes: 100_000, everyMs: 100 };
    const child = startFetch();
    await vi.waitFor(() => expect(leftovers()).toHaveLength(1), 15_000);
    await vi.waitFor(() => expect(mirror.requests).toHaveLength(1), 15_000);
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
    await ended(child);
    expect(copy().state).toBe('absent');
    mirror.behaviour = { kind: 'whole' };
    expect((await bring()).outcome).toMatchObject({ state: 'there' });
    expect(leftovers()).toEqual([]);
  });

  it('alone, its fetcher ends too and takes its folder along', async () => {
    mirror.behaviour = { kind: 'drips', bytes: 10_000, everyMs: 100 };
    const child = startFetch();
    await vi.waitFor(() => expect(mirror.requests).toHaveLength(1), 15_000);
    child.kill('SIGKILL');
    await ended(child);
    await vi.waitFor(() => expect(leftovers()).toEqual([]), 10_000);
    await vi.waitFor(async () => expect(await mirror.openConnections()).toBe(0), 5000);
    expect(copy().state).toBe('absent');
  });

  it('by Ctrl-C it leaves nothing', async () => {
    mirror.behaviour = { kind: 'drips', bytes: 10_000, everyMs: 100 };
    const child = startFetch();
    await vi.waitFor(() => expect(mirror.requests).toHaveLength(1), 15_000);
    child.kill('SIGINT');
    await ended(child);
    expect(child.signalCode).toBe('SIGINT');
    expect([leftovers(), copy().state]).toEqual([[], 'absent']);
  });

  it('after the folder was put in its place, and before the note that makes it count, it is not taken for whole', () => {
    installCopy(fake.packageFolder);
    writeFileSync(join(fake.packageFolder, 'path.txt.new'), 'electron');
    rmSync(join(fake.packageFolder, 'path.txt'));
    expect(copy().state).toBe('torn');
  });
});

describe('what is remembered', () => {
  const failure = { code: '', status: undefined, reason: '', isComplete: false };
  it.each([
    ['an unknown name', { code: 'ENOTFOUND' }, true],
    ['names that cannot be asked for', { code: 'EAI_AGAIN' }, true],
    ['nobody listening', { code: 'ECONNREFUSED' }, true],
    ['no route', { code: 'ENETUNREACH' }, true],
    ['no connection in time', { code: 'UND_ERR_CONNECT_TIMEOUT' }, true],
    ['a certificate of a company', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }, true],
    ['404', { status: 404 }, true],
    ['a proxy without our password', { status: 407 }, true],
    ['too slow for the server', { status: 408 }, false],
    ['too many', { status: 429 }, false],
    ['broken there', { status: 502 }, false],
    ['cut', { code: 'UND_ERR_SOCKET' }, false],
    ['cut by a reset', { code: 'ECONNRESET' }, false],
    ['a full disk', { code: 'ENOSPC', isComplete: true }, false],
    ['another file, all of it', { reason: 'Generated checksum for "x" did not match', isComplete: true }, true],
    ['a file that may have been cut unseen', { reason: 'Generated checksum for "x" did not match' }, false],
    ['silence', { reason: 'nothing came for 60 s' }, false],
  ])('%s', (_what, change, isRemembered) => expect(isRefusal({ ...failure, ...change })).toBe(isRemembered));
});
