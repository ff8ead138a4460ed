import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createElectronStandIn } from './testing/electron-stand-in.ts';
import { answerWindow, declareScheme, serveWindow } from './window-scheme.ts';

let folder = '';
let windowFolder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-scheme-'));
  windowFolder = join(folder, 'window');
  mkdirSync(join(windowFolder, 'assets'), { recursive: true });
  mkdirSync(join(folder, 'window-secrets'));
  writeFileSync(join(windowFolder, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__">');
  writeFileSync(join(windowFolder, 'other.html'), '<script>1</script>');
  writeFileSync(join(windowFolder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(windowFolder, 'assets', 'main-1.js'), 'export {};');
  writeFileSync(join(windowFolder, 'assets', 'main-1.js.map'), '{}');
  writeFileSync(join(folder, 'secret.json'), '{}');
  writeFileSync(join(folder, 'window-secrets', 'secret.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (url: string, method = 'GET'): Promise<Response> => answerWindow(windowFolder, { method, url });

describe('the page', () => {
  it.each(['/', '/index.html', '/?x=1', '/#/instances'])('%s comes with a policy, whose nonce is new each time', async (path) => {
    const [first, second] = [await get(`farmstead://window${path}`), await get(`farmstead://window${path}`)];
    const nonces = [];
    for (const answer of [first, second]) {
      const html = await answer.text();
      const nonce = /nonce="([^"]{20,})"/.exec(html)?.[1] ?? '';
      expect(answer.headers.get('content-security-policy')).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default`,
      );
      expect(answer.headers.get('cache-control')).toBe('no-store');
      nonces.push(nonce);
    }
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it('is not there before it is built, which is said plainly', async () => {
    expect((await answerWindow(join(folder, 'nowhere'), { method: 'GET', url: 'farmstead://window/' })).status).toBe(404);
  });
});

describe('a request', () => {
  it.each([
    ['a script', '/assets/main-1.js', 200],
    ['a picture', '/icon.svg', 200],
    ['no such file', '/assets/none.js', 404],
    ['a page that is not the page', '/other.html', 404],
    ['a map of the sources', '/assets/main-1.js.map', 404],
    ['a folder', '/assets/', 404],
    ['up by dots', '/../secret.json', 404],
    ['up by coded dots', '/%2e%2e/secret.json', 404],
    ['up by a coded slash', '/..%2fsecret.json', 404],
    ['up twice coded', '/%252e%252e%252fsecret.json', 404],
    ['up by a backslash', '/..%5csecret.json', 404],
    ['a neighbour whose name begins alike', '/..%2fwindow-secrets%2fsecret.json', 404],
    ['an absolute path', '//etc/passwd.json', 404],
    ['a nought in the name', '/icon.svg%00.js', 404],
    ['a broken coding', '/%E0%A4%A', 400],
  ])('for %s: %s → %i', async (_what, path, status) => {
    const answer = await get(`farmstead://window${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    if (status !== 200) expect(await answer.text()).toBe('');
  });

  it.each<readonly [method: string, url: string]>([
    ...['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'].map((method) => [method, 'farmstead://window/'] as const),
    ['GET', 'farmstead://other/'],
    ['GET', 'farmstead://window.evil.test/'],
    ['GET', 'file:///etc/passwd'],
    ['GET', 'nothing'],
  ])('%s %s is refused', async (method, url) => {
    const answer = await get(url, method);
    expect([answer.status, await answer.text()]).toEqual([405, '']);
  });
});

test('the scheme is declared before Electron is ready, without a way round the policy, and answers from the folder', async () => {
  const electron = createElectronStandIn();
  declareScheme(electron.parts.protocol);
  expect(electron.callsOf('registerSchemesAsPrivileged')).toEqual([
    [[{ scheme: 'farmstead', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]],
  ]);
  serveWindow(electron.parts.protocol, windowFolder);
  const [page] = electron.pages;
  expect(page?.scheme).toBe('farmstead');
  expect((await page?.answer(new Request('farmstead://window/icon.svg')))?.headers.get('content-type')).toBe('image/svg+xml');
  electron.makeReady();
  expect(() => declareScheme(electron.parts.protocol)).toThrow('before app is ready');
});

test('no file of this shell speaks of file:// or of Electron’s older ways', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(sources.length).toBeGreaterThan(12);
  for (const name of sources) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    expect(text, name).not.toMatch(
      /file:\/\/|loadFile|registerFileProtocol|interceptFileProtocol|setCertificateVerifyProc|certificate-error|enableBlinkFeatures|allowpopups|bypassCSP|\bremote\b/,
    );
  }
});
