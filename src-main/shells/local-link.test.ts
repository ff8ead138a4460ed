import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../testing/http-fixture.ts';
import { demoStarter } from './answer-show.ts';
import { askForDemo, askToShow } from './ask-to-show.ts';
import { type LocalLink, startLocalLink } from './local-link.ts';

let core: TestCore;
let local: LocalLink;
let http: HttpFixture;
let shown: (string | undefined)[];
beforeEach(async () => {
  core = await createTestCore();
  shown = [];
  local = await startLocalLink({
    router: core.core.router,
    operatorName: 'Anna',
    show: (language) => shown.push(language),
    startDemo: demoStarter(core),
  });
  http = await serveTestCore(core);
});
afterEach(async () => {
  await Promise.all([local.close(), http.close()]);
  await core.close();
});

/** The same questions to a desktop and to a web console. */
const shells = ['desktop', 'web'] as const;
const linkOf = (shell: (typeof shells)[number]) => (shell === 'desktop' ? local : { origin: http.origin, token: http.linkToken });
const post = (shell: (typeof shells)[number], body: string, type = 'application/json') => {
  const { origin, token } = linkOf(shell);
  return fetch(`${origin}/show`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': type }, body });
};
const step = async (): Promise<string> => (await core.client.settings.get()).demo.step;

describe.each(shells)('a second start that finds a %s', (shell) => {
  const token = shell === 'web' ? expect.stringMatching(/^[\w-]{43}$/) : undefined;

  test('has it shown, in the language that it asks for', async () => {
    expect(await askToShow(linkOf(shell))).toEqual(token);
    expect(await askToShow(linkOf(shell), 'ru')).toEqual(token);
    // A web console's window is a new one, and takes the language from its address.
    expect(shown).toEqual(shell === 'desktop' ? [undefined, 'ru'] : []);
    expect(await step()).toBe('none');
  });

  test('has it make a demo farm where there is none, once, in its language', async () => {
    expect(await askForDemo(linkOf(shell), 'ru')).toEqual({ token, demo: { state: 'started' } });
    // At once, while the first is at it.
    expect((await askForDemo(linkOf(shell), 'en')).demo).toEqual({ state: 'underWay' });
    await vi.waitFor(async () => expect(await step()).toBe('ready'), 10_000);
    const { farm } = await core.client.settings.get();
    expect(farm).toMatchObject({ isDemo: true, language: 'ru' });
    expect((await askForDemo(linkOf(shell), 'en', 'en')).demo).toEqual({ state: 'there', farm: farm?.name, isDemo: true });
    expect(await core.drivers.store.farms.find()).toHaveLength(1);
    if (shell === 'desktop') expect(shown).toEqual([undefined, undefined, 'en']);
  });

  test('takes up a demo farm that stopped half way', async () => {
    const { localAgents } = core.drivers;
    const { ensure } = localAgents;
    Object.assign(localAgents, { ensure: () => Promise.reject(new Error('no room')) });
    expect((await askForDemo(linkOf(shell), 'en')).demo).toEqual({ state: 'started' });
    await vi.waitFor(async () => expect(await step()).toBe('failed'), 10_000);
    expect(core.logLines.join('')).toContain('no room');
    Object.assign(localAgents, { ensure });
    expect((await askForDemo(linkOf(shell), 'en')).demo).toEqual({ state: 'started' });
    await vi.waitFor(async () => expect(await step()).toBe('ready'), 10_000);
  });

  test('hears the name of the farm that is there instead, and leaves it alone', async () => {
    await core.client.settings.startFarm({ name: 'Äpfel', language: 'en', timeZone: 'UTC', requestKey: core.key() });
    expect((await askForDemo(linkOf(shell), 'en')).demo).toEqual({ state: 'there', farm: 'Äpfel', isDemo: false });
    expect([await step(), (await core.client.settings.get()).farm?.isDemo]).toEqual(['none', false]);
  });

  test.each([
    ['no JSON', '{"demo"', 400],
    ['another thing', '"demo"', 400],
    ['a demo farm in no language', '{"demo":{}}', 400],
    ['a language that nobody speaks', '{"language":"de"}', 400],
    ['more than is read', JSON.stringify({ demo: { language: 'en' }, more: 'x'.repeat(1000) }), 413],
  ])('and says %s is refused, and nothing is done', async (_what, body, status) => {
    expect((await post(shell, body)).status).toBe(status);
    expect([shown, await step()]).toEqual([[], 'none']);
  });
});

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT'])('a call by %s writes nothing at the link of the desktop', async (method) => {
  const call = { json: { name: 'Evil', language: 'en', timeZone: 'UTC', requestKey: core.key() } };
  const target = `${local.origin}/rpc/settings/startFarm?data=${encodeURIComponent(JSON.stringify(call))}`;
  const answer = await fetch(target, { method, headers: { authorization: `Bearer ${local.token}` } });
  expect([answer.status, (await core.client.settings.get()).farm]).toEqual([405, undefined]);
});

test('a program that cannot make demo farms is shown all the same, and it is known that it did not', async () => {
  const plain = await startLocalLink({ router: core.core.router, operatorName: 'Anna', show: () => shown.push('plain') });
  expect(await askForDemo(plain, 'en')).toEqual({ token: undefined, demo: undefined });
  expect([shown, await step()]).toEqual([['plain'], 'none']);
  await plain.close();
});

test('a web console from before an update, which takes no body, is shown all the same', async () => {
  const bodies: string[] = [];
  const old = createServer((request, response) => {
    bodies.push(request.headers['content-type'] ?? 'none');
    if (request.headers['content-type'] === undefined) response.writeHead(200, { 'content-type': 'application/json' }).end('{"token":"t"}');
    else response.writeHead(415, { connection: 'close' }).end('{}');
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  const address = old.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  expect(await askForDemo({ origin, token: 'x' }, 'en')).toEqual({ token: 't', demo: undefined });
  expect(await askToShow({ origin, token: 'x' }, 'ru')).toBe('t');
  expect(bodies).toEqual(['application/json', 'none', 'application/json', 'none']);
  old.closeAllConnections();
  await new Promise((resolve) => old.close(resolve));
});
