import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScene, families, host, type Scene } from './testing/scene.ts';
import { play, type RowUpstream, startRowUpstream } from './testing/rows/play.ts';
import { allRows } from './testing/rows/all-rows.ts';
import { asOurs, problemOf } from './testing/rows/row.ts';
import { route } from './testing/visitor.ts';

/** Misbehaviour of visitors and applications, by the sections of RFC 9113 and 9112. The same rows stand beside other servers in `bench/edge-peers.bench.mjs`. */
describe.each(families)('over $family', ({ address }) => {
  let scene: Scene;
  let upstream: RowUpstream;
  beforeAll(async () => {
    scene = await createScene(address);
    upstream = await startRowUpstream(allRows, address);
    scene.edge.context.routes.put(route(host, upstream.port, { target: { host: address, port: upstream.port } }));
  });
  afterAll(async () => {
    await upstream.close();
    await scene.close();
  });

  test.concurrent.each(allRows.map((row, number) => ({ version: row.version, section: row.section, name: row.name, row, number })))(
    '$version, $section: $name',
    async ({ row, number }) => {
      const place = { address, port: scene.edge.httpsPort, host, ca: scene.wildcard.certificate.chainPem };
      expect(problemOf(asOurs(row), await play(place, row, number, upstream))).toBeUndefined();
    },
    60_000,
  );
});
