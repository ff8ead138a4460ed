import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { testManifest } from '../testing/applications.ts';
import { checkHealth, runSelfCheck } from './health.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { port, host: 'anna.farm.localhost', parameters: { user: 'anna', password: 'sécret:1' }, isStillOurs: () => true };
}
const health = { ...testManifest().health, timeoutSeconds: 1 };
const steadyMs = (): number => performance.now();

test('asks under the public host name and signs in where the manifest says so', async () => {
  const seen: (string | undefined)[] = [];
  const target = await serve(({ headers }, response) => {
    seen.push(headers.host, headers.authorization);
    response.end('ok');
  });
  expect(await checkHealth({ ...health, signIn: { userName: 'user', password: 'password' } }, target, steadyMs)).toMatchObject({
    isHealthy: true,
    answered: '200',
    isReachable: true,
  });
  expect(seen).toEqual(['anna.farm.localhost', `Basic ${Buffer.from('anna:sécret:1').toString('base64')}`]);
});

test('says what was answered, or why nothing was', async () => {
  const target = await serve(({ url }, response) => {
    if (url === '/reset') response.socket?.destroy();
    else if (url === '/health') response.writeHead(401).end();
  });
  expect(await checkHealth(health, target, steadyMs)).toMatchObject({ isHealthy: false, answered: '401', isReachable: true });
  expect(await checkHealth({ ...health, path: '/reset' }, target, steadyMs)).toMatchObject({ answered: 'reset', isReachable: false });
  expect(await checkHealth({ ...health, path: '/silent' }, target, steadyMs)).toMatchObject({ answered: 'timeout', isReachable: false });
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  expect(await checkHealth(health, target, steadyMs)).toMatchObject({ answered: 'refused', isReachable: false, answerMs: undefined });
});

test('a body without end is cut, and does not hang', async () => {
  const target = await serve((_request, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(60_000), more);
    };
    more();
  });
  expect(await checkHealth(health, target, steadyMs)).toMatchObject({ isHealthy: true });
});

test('the self-check looks at fields, and a broken answer is bad', async () => {
  let body = '{"db":{"ok":true},"version":"1"}';
  const target = await serve(({ headers }, response) => response.writeHead(headers.authorization === undefined ? 401 : 200).end(body));
  const check = (fields: string[]) =>
    runSelfCheck(
      { path: '/self', acceptedStatus: [200], fields },
      { ...health, signIn: { userName: 'user', password: 'password' } },
      target,
    );
  expect(await check(['db.ok', 'version'])).toBe('good');
  expect(await check(['db.missing'])).toBe('bad');
  body = '{"db":{"ok":false}}';
  expect(await check(['db.ok'])).toBe('bad');
  body = 'oops';
  expect(await check([])).toBe('bad');
});

test('a path that no request can have is an answer with a cause, not an exception', async () => {
  const target = await serve((_, response) => response.end('ok'));
  expect(await checkHealth({ ...health, path: '/two words' }, target, steadyMs)).toMatchObject({
    isHealthy: false,
    answered: 'ERR_UNESCAPED_CHARACTERS',
    isReachable: false,
  });
});
