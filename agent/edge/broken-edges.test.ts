import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrokenServer, brokenSpeakers, plantedEdge, type Plant, startBroken } from './testing/broken-edges.ts';
import { makeCertificate, type TestCertificate } from './testing/make-certificate.ts';
import { allRows } from './testing/rows/all-rows.ts';
import { play, startRowUpstream } from './testing/rows/play.ts';
import { asOurs, problemOf, type Row } from './testing/rows/row.ts';
import { host } from './testing/scene.ts';
import { route } from './testing/visitor.ts';

/** Each row of the tables must fail somewhere, or it tests nothing. */
const address = '127.0.0.1';
let wildcard: TestCertificate;
beforeAll(async () => {
  wildcard = await makeCertificate(['*.farm.localhost']);
});
const placeAt = (port: number) => ({ address, port, host, ca: wildcard.certificate.chainPem });

describe('servers that are wrong on purpose', () => {
  const servers: BrokenServer[] = [];
  const places: Record<Row['version'], BrokenServer[]> = { 'HTTP/2': [], 'HTTP/1.1': [] };
  beforeAll(async () => {
    for (const [version, speakers] of Object.entries(brokenSpeakers))
      for (const speak of Object.values(speakers)) {
        const server = await startBroken(speak, wildcard);
        servers.push(server);
        places[version as Row['version']].push(server);
      }
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  test.concurrent.each(allRows.map((row, number) => ({ version: row.version, section: row.section, name: row.name, row, number })))(
    '$version, $section: $name fails at one of them',
    async ({ row, number }) => {
      const failed: boolean[] = [];
      for (const { port, heard } of places[row.version]) {
        const heardOf = (): string[] => heard.filter((text) => new RegExp(`/row-${number}(?!\\d)`).test(text));
        failed.push(
          problemOf(asOurs(row), await play(placeAt(port), { ...asOurs(row), patienceMs: 250 }, number, { heardOf })) !== undefined,
        );
        if (failed.includes(true)) break;
      }
      expect(failed).toContain(true);
    },
    60_000,
  );
});

/** What this edge checks itself; the rest is nghttp2's and Node's. */
const plants: readonly (Plant & { readonly fails: string })[] = [
  { name: 'takes another Host', file: 'http2.ts', from: '|| isOtherHost', to: '', fails: 'another Host beside the authority' },
  {
    name: 'leaves cookies in crumbs',
    file: 'http2-fields.ts',
    from: "if (name === 'cookie')",
    to: "if (name === 'no-cookie')",
    fails: 'crumbs of cookies become one field',
  },
  {
    name: 'speaks any protocol after CONNECT',
    file: 'http2.ts',
    from: "head[':protocol'] !== 'websocket'",
    to: 'false',
    fails: 'extended CONNECT of a protocol nobody speaks',
  },
  {
    name: 'knows every host',
    file: 'route-table.ts',
    from: 'find: (host) => routes.get(host)',
    to: 'find: () => [...routes.values()][0]',
    fails: 'an authority of somebody else',
  },
  {
    name: 'takes old suites',
    file: 'certificate-table.ts',
    from: "['ECDHE-ECDSA-AES128-GCM-SHA256',",
    to: "['ECDHE-ECDSA-AES128-SHA',",
    fails: 'TLS 1.2 with a suite that does not authenticate',
  },
  { name: 'takes two Hosts', file: 'headers.ts', from: 'if (host !== undefined) return undefined;', to: '', fails: 'two Hosts' },
  {
    name: 'carries out what stands behind a refused request',
    file: 'http1.ts',
    from: 'if (isClosing(incoming.socket)) return;',
    to: '',
    fails: 'two Hosts',
  },
  {
    name: 'takes any absolute target',
    file: 'origin-form.ts',
    from: 'withoutPort !== lower) return undefined',
    to: 'false) return undefined',
    fails: 'an absolute target of another host',
  },
  {
    name: 'passes what Connection names',
    file: 'headers.ts',
    from: 'if (named !== undefined) headers = withoutNamed(headers, named);',
    to: '',
    fails: 'what Connection names stays here',
  },
  {
    name: 'believes what a visitor says of itself',
    file: 'headers.ts',
    from: "return isOwned ? 'drop' : 'pass';",
    to: "return 'pass';",
    fails: 'what a visitor says of itself is not believed',
  },
  {
    name: 'takes control characters from an application',
    file: 'upstream/answer-parser.ts',
    from: "if (forbidden.test(text)) throw new BadAnswer('control-character');",
    to: '',
    fails: 'NUL in a field',
  },
  {
    name: 'opens a stream where the application answered 200',
    file: 'web-socket.ts',
    from: 'if (status < 300) sendPage',
    to: 'if (status < 200) sendPage',
    fails: 'WebSocket: 200 opens nothing',
  },
  {
    name: 'opens whatever protocol the application chose',
    file: 'upstream/upgrade.ts',
    from: 'if (!isWebSocket(answer)) throw',
    to: 'if (false) throw',
    fails: 'WebSocket: 101 to another protocol',
  },
  {
    name: 'upgrades a request with a body',
    file: 'web-socket.ts',
    from: 'sorted.hasBody ||',
    to: '',
    fails: 'WebSocket: asked for with a body, and a request behind it',
  },
  {
    name: 'ends half an answer as if it were whole',
    file: 'fast-path.ts',
    from: 'protected cut(): void {\n    this.#socket.destroy();',
    to: 'protected cut(): void {\n    this.endBody(undefined, []);',
    fails: 'a body that ends early',
  },
];

describe('this edge with a check off', () => {
  test.each(plants)(
    'that $name is found by "$fails"',
    async ({ fails, ...plant }) => {
      const planted = await plantedEdge(plant);
      const number = allRows.findLastIndex(({ name }) => name === fails);
      const row = allRows[number];
      const upstream = await startRowUpstream(allRows, address);
      const edge = await planted.createTestEdge();
      try {
        edge.context.certificates.put(wildcard);
        edge.context.routes.put(route(host, upstream.port));
        expect(row).toBeDefined();
        if (row !== undefined) expect(problemOf(asOurs(row), await play(placeAt(edge.httpsPort), row, number, upstream))).toBeDefined();
      } finally {
        edge.close();
        await upstream.close();
        planted.remove();
      }
    },
    60_000,
  );
});
