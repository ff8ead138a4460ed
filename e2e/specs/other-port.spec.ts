import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from 'ws';
import { windowKey } from '#contract/window-key.ts';
import { expect, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';

/** Another program of this computer, with a page of its own: it keeps the cookies that it is sent. */
async function otherProgram(html: string) {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.cookie !== undefined) cookies.push(request.headers.cookie);
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    cookies,
    close: () => void server.close(),
  };
}

/** What a page of another origin can do to the console by itself. It tells the codes with which its sockets ended. */
const attack = (console: string): string => `<!doctype html><title>other</title><script>
const call = JSON.stringify({ json: { name: 'Evil by the page', requestKey: crypto.randomUUID() } });
const tries = ['POST', 'HEAD', 'GET'].map((method) =>
  fetch('${console}/rpc/customers/create' + (method === 'POST' ? '' : '?data=' + encodeURIComponent(call)),
    { method, mode: 'no-cors', credentials: 'include', ...(method === 'POST' ? { body: call } : {}) }).catch(() => 0));
tries.push(...[[], ['${windowKey.protocol}']].map((protocols) => new Promise((resolve) => {
  const socket = new WebSocket('${console.replace('http', 'ws')}/link', protocols);
  socket.onopen = () => { document.title = 'open'; };
  socket.onclose = resolve;
})));
Promise.all(tries).then(() => { document.title = document.title === 'open' ? 'let in' : 'refused'; });
</script>`;

/** Opens the window's socket as a program that no browser holds back, says these messages and answers with how it ended. */
function plainSocket(origin: string, cookie: string, protocols: string[], messages: readonly string[]): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/link`, protocols, { headers: { cookie, origin } });
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    socket.on('message', (data) => resolve(`answered ${String(data)}`));
    socket.on('error', () => undefined);
    socket.on('close', resolve);
  });
}

test('the cookie of the console, which a browser sends to every port of 127.0.0.1, rules nothing there @web', async ({ farm, page }) => {
  const { origin } = farm.program().link;
  const other = await otherProgram(attack(origin));
  try {
    // The person opens a page of another local program in a tab of the browser in which they are signed in.
    const tab = await page.context().newPage();
    await tab.goto(other.origin);
    await expect(tab).toHaveTitle('refused');
    const cookie = other.cookies[0] ?? '';
    expect(cookie).toMatch(/farm_session_\d+=[\w-]{43}/);

    // What that program may do with it: everything that a plain program can send.
    const input = { name: 'Evil by the cookie', requestKey: crypto.randomUUID() };
    const ours = { cookie, origin, 'content-type': 'application/json' };
    for (const [path, body] of [
      ['/rpc/customers/create', { json: input }],
      ['/api/v1/customers', input],
    ] as const)
      expect((await fetch(origin + path, { method: 'POST', headers: ours, body: JSON.stringify(body) })).status).toBe(401);
    expect((await fetch(`${origin}/api/v1/settings`, { headers: ours })).status).toBe(401);
    const call = JSON.stringify({ i: '1', p: { u: '/customers/create', b: { json: input } } });
    expect(await plainSocket(origin, cookie, [], [call])).toBe(1006);
    expect(await plainSocket(origin, cookie, [windowKey.protocol], [call, call])).toBe(windowKey.refusedCode);
    const customers = await fetch(`${origin}/api/v1/customers`, { headers: { authorization: `Bearer ${farm.program().link.token}` } });
    expect(await customers.text()).not.toContain('Evil');

    // And the person goes on: this tab, after a reload, in a second tab and by a bookmark.
    await page.reload();
    await expect(frame(page).freshness).toContainText('All 3 servers answered');
    const bookmark = await page.context().newPage();
    await bookmark.goto(`${origin}/#/servers`);
    await expect(frame(bookmark).freshness).toContainText('All 3 servers answered');
  } finally {
    other.close();
  }
});
