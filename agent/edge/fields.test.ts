import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldOf, type Got } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';
import { always, valuesOf } from './testing/scripted-upstream.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
const forged = [
  ...[
    'X_Forwarded_For',
    'X-Forwarded_For',
    'X_Forwarded-Proto',
    'x_forwarded_host',
    'X_Forwarded_User',
    'X_Real_IP',
    'X_REAL-IP',
    'Content_Length',
  ],
  ...[
    'Transfer_Encoding',
    'X_Original_URL',
    'Proxy',
    'Proxy_',
    'CF-Connecting-IP',
    'CF_Connecting_IP',
    'True-Client-IP',
    'True_Client_IP',
    'X-Cluster-Client-IP',
  ],
  ...[
    'Fastly-Client-IP',
    'Fly-Client-IP',
    'Client-IP',
    'X-Azure-ClientIP',
    'X-Envoy-External-Address',
    'X-Appengine-User-IP',
    'X-Original-Forwarded-For',
  ],
  ...[
    'X-Forwarded',
    'Forwarded-For',
    'X-Remote-User',
    'Remote-User',
    'X-Authenticated-User',
    'X-Remote-Addr',
    'X-Client-Cert',
    'X-SSL-Client-Verify',
    'X-Scheme',
  ],
  ...['Front-End-Https', 'X-Host', 'X-HTTP-Host-Override', 'X-ProxyUser-Ip', 'X.Forwarded.For'],
];

describe.each(families)('fields over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  describe.each(ways)('%s', (way) => {
    const ask = (more: Parameters<Scene['way']['HTTP/1.1']['ask']>[0] = {}): Promise<Got> => scene.way[way].ask(more);

    test('what a client says about who it is never reaches the application, however it is spelled', async () => {
      const upstream = await scene.behind(host, always(good));
      const sent = forged.filter((name) => name !== 'Proxy_');
      const fields = Object.fromEntries(sent.map((name) => [way === 'HTTP/2' ? name.toLowerCase() : name, '6.6.6.6']));
      expect(await ask({ fields: { ...fields, 'x-kept_field': 'yes', 'x-kept': 'yes' } })).toMatchObject({ status: 200 });
      const head = upstream.heard[0]?.head ?? '';
      expect(head).not.toContain('6.6.6.6');
      expect(valuesOf(head, 'x-forwarded-for')).toEqual([address]);
      expect(valuesOf(head, 'x-kept_field')).toEqual(['yes']);
      expect(valuesOf(head, 'x-kept')).toEqual(['yes']);
      expect(valuesOf(head, 'forwarded')[0]).toContain(`proto=https`);
    });

    test.each([
      ['a=1; Domain=farm.localhost; Path=/', 'a=1; Path=/'],
      ['a=1; domain=.farm.localhost', 'a=1'],
      ['a=1;DOMAIN = farm.localhost ;Secure', 'a=1;Secure'],
      ['a=1; Domain=localhost; Domain=anna.farm.localhost; HttpOnly', 'a=1; HttpOnly'],
      ['a=1; \tdomain\t=\tfarm.localhost; HttpOnly', 'a=1; HttpOnly'],
      ['a=1; Domain; Path=/', 'a=1; Path=/'],
      ['domain=kept; Path=/domain=a', 'domain=kept; Path=/domain=a'],
      ['a="b;Domain=farm.localhost"', 'a="b'],
      ['a=1; Path=/; SameSite=Lax; Max-Age=5', 'a=1; Path=/; SameSite=Lax; Max-Age=5'],
    ])('a cookie stays with its host: %s', async (said, kept) => {
      await scene.behind(host, always(`HTTP/1.1 200 OK\r\nSet-Cookie: ${said}\r\ncontent-length: 4\r\n\r\ngood`));
      expect(fieldOf((await ask()).fields, 'set-cookie')).toEqual([kept]);
    });

    test('an application speaks for no other port: Alt-Svc ends here', async () => {
      await scene.behind(host, always('HTTP/1.1 200 OK\r\nAlt-Svc: h3=":443"\r\nAlt-Svc: h2="evil:443"\r\ncontent-length: 4\r\n\r\ngood'));
      expect(fieldOf((await ask()).fields, 'alt-svc')).toEqual([]);
    });
  });

  test.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', true],
    ['ECDHE-ECDSA-AES256-GCM-SHA384', true],
    ['ECDHE-ECDSA-CHACHA20-POLY1305', true],
    ['ECDHE-ECDSA-AES128-SHA256', false],
    ['ECDHE-ECDSA-AES128-SHA', false],
    ['ECDHE-ECDSA-AES256-SHA384', false],
    ['ECDHE-ECDSA-AES128-CCM', false],
  ])('TLS 1.2 with %s: %s', async (ciphers, isTaken) => {
    const ended = await new Promise<string>((resolve) => {
      const socket = connect({
        host: address,
        port: scene.edge.httpsPort,
        servername: host,
        ca: scene.wildcard.certificate.chainPem,
        maxVersion: 'TLSv1.2',
        ciphers,
      });
      socket.once('secureConnect', () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.once('error', () => resolve('refused'));
    });
    expect(ended).toBe(isTaken ? ciphers : 'refused');
  });
});
