import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesBelow, writeArchive } from './archive.ts';
import { createPayloads } from './index.ts';

/** The real npm, with a package of our own from a file: no registry is asked. */
const assets = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages');
const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
let folder = '';

const write = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};

/** A package that would betray itself if one of its scripts were run. Answers with its integrity. */
async function makeTarball(): Promise<string> {
  const source = join(folder, 'source');
  const scripts = { postinstall: `node -e "require('fs').writeFileSync('was-run','')"` };
  write(join(source, 'package', 'package.json'), JSON.stringify({ name: 'tiddlywiki', version: '5.4.1', scripts, bin: 'tiddlywiki.js' }));
  write(join(source, 'package', 'tiddlywiki.js'), 'console.log(1)');
  await writeArchive(await filesBelow(source), join(folder, 'tiddlywiki.tgz'));
  return `sha512-${createHash('sha512')
    .update(readFileSync(join(folder, 'tiddlywiki.tgz')))
    .digest('base64')}`;
}

function writeLock(integrity: string): void {
  const packages = {
    '': { name: 'x', version: '1.0.0', dependencies: { tiddlywiki: '5.4.1' } },
    'node_modules/tiddlywiki': { version: '5.4.1', resolved: `file:${join(folder, 'tiddlywiki.tgz')}`, integrity, hasInstallScript: true },
  };
  const place = join(folder, 'packages', 'tiddlywiki');
  write(join(place, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies: { tiddlywiki: '5.4.1' } }));
  write(join(place, 'package-lock.json'), JSON.stringify({ name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
}

const build = async (): Promise<{ sha256: string; path: string }> => {
  const payloads = createPayloads({ packagesFolder: join(folder, 'packages'), cacheFolder: join(folder, 'cache'), log });
  const [file] = await payloads.manifests();
  if (file === undefined) throw new Error('no package');
  return payloads.build(file, 'linux-x64');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-npm-'));
  cpSync(join(assets, 'tiddlywiki'), join(folder, 'packages', 'tiddlywiki'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('npm', () => {
  it('installs exactly the lock file and runs no script of it', async () => {
    writeLock(await makeTarball());
    const { path, sha256 } = await build();
    const tar = gunzipSync(readFileSync(path)).toString('latin1');
    expect(tar).toContain('node_modules/tiddlywiki/tiddlywiki.js');
    expect(tar).not.toContain('tiddlywiki/was-run');
    expect(tar).not.toContain('.bin');
    expect(readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    rmSync(join(folder, 'cache'), { recursive: true });
    expect((await build()).sha256).toBe(sha256);
  });

  it('refuses a package whose bytes are others than the lock file says', async () => {
    await makeTarball();
    writeLock(`sha512-${Buffer.alloc(64).toString('base64')}`);
    await expect(build()).rejects.toMatchObject({
      code: 'PAYLOAD_BUILD',
      parameters: { packageId: 'tiddlywiki', reason: expect.stringContaining('EINTEGRITY') },
    });
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});

it('leaves nothing half when the program is killed while it builds, and what is left is swept up', async () => {
  writeLock(await makeTarball());
  const driver = join(import.meta.dirname, 'index.ts');
  // Killed after the install, in the middle of the archive: the gzip of the file that is written last never ends.
  const script = `
    const { writeFileSync, mkdirSync } = await import('node:fs');
    const { createPayloads } = await import(${JSON.stringify(driver)});
    const log = { info() {}, warn() {}, bug: () => '' };
    const installLocked = async (place) => {
      mkdirSync(place + '/node_modules/tiddlywiki', { recursive: true });
      writeFileSync(place + '/node_modules/tiddlywiki/big', require('node:crypto').randomBytes(16 * 1024 ** 2));
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 150);
    };
    const payloads = createPayloads({ packagesFolder: ${JSON.stringify(join(folder, 'packages'))}, cacheFolder: ${JSON.stringify(join(folder, 'cache'))}, log, installLocked });
    await payloads.build((await payloads.manifests())[0], 'linux-x64');`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);${script}`],
    {
      cwd: join(import.meta.dirname, '..', '..', '..'),
      stdio: 'ignore',
    },
  );
  expect(await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
  const left = readdirSync(join(folder, 'cache'));
  expect(left.length).toBeGreaterThan(0);
  expect(left.every((name) => name.endsWith('.tmp'))).toBe(true);
  for (const name of left) utimesSync(join(folder, 'cache', name), 1, 1);
  const { path } = await build();
  expect(gunzipSync(readFileSync(path)).toString('latin1')).toContain('node_modules/tiddlywiki/tiddlywiki.js');
  expect(readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('ends with the program that started it, and what it left is swept up at the next start', async () => {
  const npm = join(folder, 'npm', 'bin', 'npm-cli.js');
  const started = join(folder, 'started');
  write(npm, `require('node:fs').writeFileSync(${JSON.stringify(started)}, String(process.pid)); setInterval(() => undefined, 1000);`);
  writeLock(await makeTarball());
  const program = join(folder, 'program.ts');
  const code = `
    import { createPayloads } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const log = { info: () => undefined, warn: () => undefined, bug: () => '' };
    const payloads = createPayloads({ packagesFolder: ${JSON.stringify(join(folder, 'packages'))}, cacheFolder: ${JSON.stringify(join(folder, 'cache'))}, log });
    const [file] = await payloads.manifests();
    await payloads.build(file, 'linux-x64');
  `;
  writeFileSync(program, code);
  const child = spawn(process.execPath, [program], { env: { ...process.env, npm_execpath: npm }, stdio: 'ignore' });
  const until = async (isSo: () => boolean): Promise<void> => {
    for (const endMs = Date.now() + 10_000; !isSo() && Date.now() < endMs; ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isSo()).toBe(true);
  };
  const isAlive = (processId: number): boolean => {
    try {
      process.kill(processId, 0);
      return true;
    } catch {
      return false;
    }
  };
  await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '');
  const npmId = Number(readFileSync(started, 'utf8'));
  expect(isAlive(npmId)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !isAlive(npmId));
  const left = (): string[] => readdirSync(join(folder, 'cache')).filter((name) => name.startsWith('.install-'));
  expect(left()).toHaveLength(1);
  await build();
  expect(left()).toEqual([]);
});
