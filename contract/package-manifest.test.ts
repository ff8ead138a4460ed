import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environmentName, packageManifest } from './package-manifest.ts';

const path = join(import.meta.dirname, '..', 'assets', 'packages', 'tiddlywiki', 'manifest.json');
const good = packageManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
const isTaken = (start: unknown): boolean => packageManifest.safeParse({ ...good, start }).success;
const command = [{ from: 'runtime' }, { from: 'payload', path: 'a.mjs' }];

describe('the environment of a package', () => {
  test.each([
    'FARM_PROCESS',
    'farm_process',
    'Farm_Home',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'ld_audit',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
  ])('%s is not for it to set', (name) =>
    expect([environmentName.safeParse(name).success, isTaken({ command, environment: { [name]: 'x' } })]).toEqual([false, false]),
  );
  test.each([
    'Node_Options',
    'NODE_PATH',
    'GLIBC_TUNABLES',
    'OPENSSL_CONF',
    'PATH',
    'Path',
    'HOME',
    'TMPDIR',
    'SystemRoot',
    'BASH_ENV',
    'IFS',
  ])('%s is not for it to set either', (name) => expect(isTaken({ command, environment: { [name]: 'x' } })).toBe(false));
  test.each(['', 'A B', 'A=B', 'A\0', '1A', 'É', 'A-B', 'A'.repeat(101), 'A\n'])('%j is no name', (name) => {
    expect(isTaken({ command, environment: { [name]: 'x' } })).toBe(false);
  });
  test.each(['NODE_ENV', 'PORT', '_x', 'TIDDLYWIKI_PLUGIN_PATH', 'LDAP_URL', 'PATHS', 'FARMER'])('%s is', (name) => {
    expect(isTaken({ command, environment: { [name]: 'x' } })).toBe(true);
  });
});

describe('the program of a package', () => {
  test.each([
    ['a program of the server', ['/bin/sh', '-c', 'x']],
    ['a name to look for', ['sh']],
    ['what a parameter says', [{ from: 'parameter.user' }]],
    ['the folder of the payload', [{ from: 'payload' }]],
    ['a file below the data', [{ from: 'data', path: 'evil' }]],
    ['a path that climbs', [{ from: 'payload', path: '../evil' }]],
    ['an absolute path', [{ from: 'payload', path: '/bin/sh' }]],
    ['something before the runtime', [{ from: 'runtime', prefix: '/bin/sh ' }]],
    ['something below the runtime', [{ from: 'runtime', path: '../../../bin/sh' }]],
    ['nothing', []],
  ])('is not %s', (_what, wrong) => {
    expect(isTaken({ command: wrong, environment: {} })).toBe(false);
    const setup = [{ id: 'a', command: wrong, creates: 'x', timeoutSeconds: 1 }];
    expect(packageManifest.safeParse({ ...good, setup }).success).toBe(false);
  });
  test('is the runtime, or a file below the payload', () => {
    expect(isTaken({ command, environment: {} })).toBe(true);
    expect(isTaken({ command: [{ from: 'payload', path: 'bin/server' }], environment: {} })).toBe(true);
  });
});

test.each(['\0', '\r', '\n', '\u001b', '\u202e'])('%j stands in no argument, value, path or name', (character) => {
  const text = `a${character}b`;
  expect(isTaken({ command: [...command, text], environment: {} })).toBe(false);
  expect(isTaken({ command: [...command, { from: 'port', prefix: text }], environment: {} })).toBe(false);
  expect(isTaken({ command: [...command, { from: 'data', path: text }], environment: {} })).toBe(false);
  expect(isTaken({ command, environment: { A: text } })).toBe(false);
  for (const change of [{ dataFolders: [text] }, { logo: text }, { name: { en: text } }, { backup: [text] }])
    expect(packageManifest.safeParse({ ...good, ...change }).success).toBe(false);
});

test('a text of a JSON file may be long and have lines, and no NUL', () => {
  const withText = (text: string) => packageManifest.safeParse({ ...good, files: [{ format: 'json', path: 'a.json', value: { text } }] });
  expect(withText(`one\ntwo${'z'.repeat(200_000)}`).success).toBe(true);
  for (const bad of ['a\0b', '\ud800', 'z'.repeat(1_000_001)]) expect(withText(bad).success).toBe(false);
});
