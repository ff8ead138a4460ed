import { type ClientHttp2Session, type IncomingHttpHeaders, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestEdge, type TestEdge } from './testing/create-test-edge.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { startUpstream, type Upstream } from './testing/upstream.ts';
import { openTls, route, sendPlain, visit } from './testing/visitor.ts';

const anna = 'anna.farm.localhost';
const shop = 'shop.example';
let edge: TestEdge;
let upstream: Upstream;
let other: Upstream;
let wildcard: TestCertificate;
let exact: TestCertificate;
let publicOne: TestCertificate;

beforeAll(async () => {
  [edge, upstream, other] = await Promise.all([createTestEdge(), startUpstream('anna'), startUpstream('shop')]);
  wildcard = await makeCertificate(['*.farm.localhost', 'farm.localhost'], { notAfterMs: Date.now() + 90 * 86_400_000 });
  exact = await makeCertificate(['exact.farm.localhost']);
  publicOne = await makeCertificate([shop], { isPubliclyTrusted: true, notBeforeMs: 0, notAfterMs: Date.now() - 86_400_000 });
  for (const one of [wildcard, exact, publicOne]) edge.context.certificates.put(one);
  const { routes } = edge.context;
  routes.put(route(anna, upstream.port));
  routes.put(route(shop, other.port));
  routes.put(route('exact.farm.localhost', upstream.port));
  for (const state of ['starting', 'suspended', 'broken'] as const)
    routes.put(route(`${state}.farm.localhost`, 1, { state, language: 'ru' }));
  routes.put(route('nobody.farm.localhost', 1));
});
afterAll(async () => {
  edge.close();
  await Promise.all([upstream.close(), other.close()]);
});

const ask = (host: string, more: Partial<Parameters<typeof visit>[0]> = {}): ReturnType<typeof visit> =>
  visit({ port: edge.httpsPort, host, ca: wildcard.certificate.chainPem, ...more });

async function shown(serverName: string): Promise<string> {
  const socket = await openTls(edge.httpsPort, serverName, [wildcard, exact, publicOne].map((one) => one.certificate.chainPem).join('\n'));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

describe('TLS', () => {
  test('the name of the handshake picks the certificate: exact, then wildcard, then the default', async () => {
    const fingerprint = ({ certificate }: TestCertificate): string => certificate.fingerprintSha256;
    expect(edge.context.certificates.find('exact.farm.localhost')?.certificate).toEqual(exact.certificate);
    expect(await shown('exact.farm.localhost')).toBe(fingerprint(exact));
    expect(await shown('other.farm.localhost')).toBe(fingerprint(wildcard));
    expect(await shown('FARM.localhost')).toBe(fingerprint(wildcard));
    // A wildcard is for one label; and without a known name comes the valid certificate that lasts longest.
    expect(edge.context.certificates.find('a.b.farm.localhost')?.certificate).toEqual(wildcard.certificate);
    expect(edge.context.certificates.find(undefined)?.certificate).toEqual(wildcard.certificate);
  });

  test('the host routes, whatever name the handshake had', async () => {
    expect((await ask(anna)).body).toBe('anna');
    expect((await ask(anna, { headers: { host: shop }, serverName: anna })).body).toBe('shop');
    expect((await ask(anna, { headers: { host: 'ANNA.farm.localhost.:1234' } })).body).toBe('anna');
  });

  test('HSTS only under a publicly trusted certificate', async () => {
    const chain = publicOne.certificate.chainPem;
    const plain = await ask(anna, { path: '/fields' });
    expect(plain.headers['strict-transport-security']).toBeUndefined();
    const socket = await openTls(edge.httpsPort, shop, chain).catch((error: NodeJS.ErrnoException) => error.code);
    expect(socket).toBe('CERT_HAS_EXPIRED');
    edge.context.certificates.put({
      ...wildcard,
      certificate: { ...wildcard.certificate, certificateId: 'public', names: ['public.farm.localhost'], isPubliclyTrusted: true },
    });
    edge.context.routes.put(route('public.farm.localhost', upstream.port));
    expect((await ask('public.farm.localhost')).headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await ask('public.farm.localhost', { path: '/fields' })).headers['strict-transport-security']).toBe('max-age=5');
    edge.context.certificates.remove('public');
    expect((await ask('public.farm.localhost')).headers['strict-transport-security']).toBeUndefined();
  });
});

describe('what passes', () => {
  test('what a client says about itself is replaced, what belongs to the connection ends here', async () => {
    const { body } = await ask(anna, {
      path: '/echo?a=%20b',
      headers: {
        forwarded: 'for=6.6.6.6',
        'x-forwarded-for': '6.6.6.6',
        'X-Forwarded-Proto': 'http',
        'x-forwarded-host': 'evil',
        'x-forwarded-port': '1',
        'x-real-ip': '6.6.6.6',
        'x-original-url': '/admin',
        te: 'trailers',
        'keep-alive': 'timeout=9',
        'proxy-authorization': 'Basic x',
        connection: 'close, X-Secret, host, cookie',
        'x-secret': '1',
        cookie: 'a=b',
        'x-kept': 'ja',
      },
    });
    const seen = JSON.parse(body) as { url: string; headers: string[] };
    const fields: Record<string, string[]> = {};
    for (let at = 0; at < seen.headers.length; at += 2) {
      const name = (seen.headers[at] ?? '').toLowerCase();
      fields[name] = [...(fields[name] ?? []), seen.headers[at + 1] ?? ''];
    }
    expect(seen.url).toBe('/echo?a=%20b');
    const host = `${anna}:${edge.httpsPort}`;
    expect(fields).toEqual({
      host: [host],
      'x-kept': ['ja'],
      te: ['trailers'],
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': [host],
      'x-real-ip': ['127.0.0.1'],
      forwarded: [`for=127.0.0.1;host="${host}";proto=https`],
      connection: ['keep-alive'],
    });
  });

  test('of an answer too', async () => {
    const { headers } = await ask(anna, { path: '/fields' });
    expect(headers['x-secret']).toBeUndefined();
    expect(headers['keep-alive']).not.toBe('timeout=3');
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers['x-kept']).toBe('yes');
  });

  test('methods, bodies and HEAD', async () => {
    expect(JSON.parse((await ask(anna, { path: '/hash', method: 'POST', body: 'x'.repeat(1000) })).body)).toMatchObject({ size: 1000 });
    expect(JSON.parse((await ask(anna, { path: '/echo', method: 'DELETE' })).body)).toMatchObject({ method: 'DELETE' });
    expect(await ask(anna, { path: '/echo', method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await ask(anna, { path: '/hash', method: 'POST', body: 'abc', headers: { expect: '100-continue' } })).status).toBe(200);
  });
});

describe('friendly pages', () => {
  test.each([
    ['starting', 503, '2', 'Запускается'],
    ['suspended', 503, undefined, 'Приостановлено'],
    ['broken', 503, '10', 'Не отвечает'],
  ])('%s', async (state, status, retryAfter, title) => {
    const answer = await ask(`${state}.farm.localhost`);
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['content-language']).toBe('ru');
    expect(answer.body).toContain(`<h1>${title}</h1>`);
    expect(answer.body).toContain('Farm &amp; Co');
    const reference = /Номер обращения ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(answer.body)?.[1];
    expect(edge.notes.at(-1)).toMatchObject({ event: 'page', kind: state, reference });
  });

  test('unknown: 404, in the language that the browser prefers', async () => {
    const russian = await ask('nemo.farm.localhost', { headers: { 'accept-language': 'ru-RU,ru;q=0.9,en;q=0.8' } });
    expect(russian).toMatchObject({ status: 404 });
    expect(russian.body).toContain('Здесь ничего нет');
    expect((await ask('nemo.farm.localhost')).body).toContain('Nothing here');
  });

  test('an application that does not answer', async () => {
    const answer = await ask('nobody.farm.localhost', { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'broken', title: 'Does not answer', provider: 'Farm & Co' });
    expect(edge.notes.at(-1)).toMatchObject({ kind: 'broken', cause: 'ECONNREFUSED' });
  });
});

describe('HTTP/2', () => {
  let session: ClientHttp2Session;
  beforeAll(() => {
    session = connect(`https://127.0.0.1:${edge.httpsPort}`, { ca: wildcard.certificate.chainPem, servername: anna });
  });
  afterAll(() => session.close());

  function ask2(headers: Record<string, string | string[]>, body?: string): Promise<{ headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/', ':authority': anna, ...headers }, { endStream: body === undefined });
      let head: IncomingHttpHeaders = {};
      let text = '';
      stream.setEncoding('utf8');
      stream.on('response', (got) => {
        head = got;
      });
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      // 'end' comes before the news that the stream was cut.
      stream.on('close', () =>
        stream.rstCode === 0 ? resolve({ headers: head, body: text }) : reject(new Error(`reset ${stream.rstCode}`)),
      );
      stream.on('error', reject);
      if (body !== undefined) stream.end(body);
    });
  }

  test('routes by authority, joins cookie crumbs, replaces what must be replaced', async () => {
    expect((await ask2({})).body).toBe('anna');
    expect((await ask2({ ':authority': `${shop}:8443` })).body).toBe('shop');
    const { body } = await ask2({ ':path': '/echo', cookie: ['a=1', 'b=2'], 'x-forwarded-for': '6.6.6.6', forwarded: 'for=x' });
    const { headers } = JSON.parse(body) as { headers: string[] };
    expect(headers[headers.indexOf('cookie') + 1]).toBe('a=1; b=2');
    expect(headers[headers.indexOf('x-forwarded-for') + 1]).toBe('127.0.0.1');
    expect(headers.filter((name) => name === 'forwarded')).toHaveLength(1);
    expect((await ask2({ ':path': '/fields' })).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  test('a host that is not here gets 421', async () => {
    const answer = await ask2({ ':authority': 'nemo.farm.localhost' });
    expect(answer.headers[':status']).toBe(421);
    expect(answer.body).toContain('Nothing here');
    expect((await ask2({ ':authority': 'starting.farm.localhost' })).headers[':status']).toBe(503);
  });

  test('bodies both ways, HEAD, an upstream that dies', async () => {
    expect(JSON.parse((await ask2({ ':method': 'POST', ':path': '/hash' }, 'y'.repeat(300_000))).body)).toMatchObject({ size: 300_000 });
    expect((await ask2({ ':method': 'HEAD' })).body).toBe('');
    expect((await ask2({ ':path': '/large' })).body).toHaveLength(32 * 1024 * 1024);
    await expect(ask2({ ':path': '/die-chunked' })).rejects.toThrow();
    expect((await ask2({ host: 'evil.example' }).catch(() => undefined))?.headers[':status'] ?? 400).toBe(400);
    expect((await ask2({})).body).toBe('anna');
  });
});

describe('plain HTTP', () => {
  const get = (host: string, method = 'GET'): ReturnType<typeof sendPlain> =>
    sendPlain(edge.httpPort, `${method} /a?b=c HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

  test('leads known hosts to HTTPS, and nobody else', async () => {
    const location = `location: https://${anna}:${edge.httpsPort}/a?b=c`;
    expect((await get(`${anna}:80`)).text).toMatch(/^HTTP\/1.1 301 /);
    expect((await get(anna)).text).toContain(location);
    expect((await get(anna, 'POST')).text).toMatch(/^HTTP\/1.1 308 /);
    const unknown = await get('evil.example');
    expect(unknown.text).toMatch(/^HTTP\/1.1 404 /);
    expect(unknown.text).not.toContain('location');
    expect((await sendPlain(edge.httpPort, 'GET //evil.example/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')).text).toMatch(/^HTTP\/1.1 400 /);
  });
});
