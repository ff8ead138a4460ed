import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Got } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';
import { always, valuesOf } from './testing/scripted-upstream.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';

describe.each(families)('uploads over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  test('an upload whose first byte comes after 7 s arrives, whatever the upstream did with its idle connections', {
    timeout: 20_000,
  }, async () => {
    const upstream = await scene.behind(host, ({ socket }) => {
      socket.write(good);
      socket.setTimeout(5000, () => socket.end());
    });
    const got = await Promise.all(
      ways.flatMap((way) => {
        const late = async (isChunked: boolean): Promise<Got> => {
          await scene.way[way].ask();
          return scene.way[way].ask({ isChunked, waitMs: 15_000, body: [{ afterMs: 7000, bytes: 'late' }] });
        };
        return [late(true), late(false)];
      }),
    );
    expect(scene.edge.notes).toEqual([]);
    for (const one of got) expect(one).toMatchObject({ status: 200, body: 'good' });
    expect(upstream.heard.filter(({ line }) => line.startsWith('POST'))).toHaveLength(4);
  });

  describe.each(ways)('%s', (way) => {
    const ask = (more: Parameters<Scene['way']['HTTP/1.1']['ask']>[0] = {}): Promise<Got> => scene.way[way].ask(more);

    test.each([
      ['413 and the end', 413, 128 * 1024, 'end'],
      ['401 and the end', 401, 1024 * 1024, 'end'],
      ['413 and a reset', 413, 128 * 1024, 'destroy'],
      ['413 and a reset during a long one', 413, 1024 * 1024, 'destroy'],
      ['401 and an open connection that nobody reads', 401, 1024 * 1024, 'stay'],
    ] as const)('an early %s arrives', { timeout: 30_000 }, async (_name, status, size, then) => {
      await scene.behind(
        host,
        ({ socket }) => {
          socket.pause();
          socket.write(`HTTP/1.1 ${status} Early\r\nx-why: early\r\nconnection: close\r\ncontent-length: 5\r\n\r\nearly`, () => {
            if (then === 'end') socket.end();
            if (then === 'destroy') socket.destroy();
          });
        },
        { early: true },
      );
      const lost: Got[] = [];
      for (let round = 0; round < 12; round++) {
        const got = await ask({ body: Buffer.alloc(size, 7), isChunked: round % 2 === 0 });
        if (got.status !== status || got.body !== 'early' || got.end !== 'whole') lost.push(got);
      }
      expect(lost).toEqual([]);
    });

    test('after an early answer the rest of the upload is not carried out, and the next request is answered', async () => {
      const upstream = await scene.behind(
        host,
        ({ socket, line }) => socket.write(line.startsWith('POST') ? 'HTTP/1.1 413 Early\r\ncontent-length: 5\r\n\r\nearly' : good),
        { early: true },
      );
      expect(await ask({ body: 'x'.repeat(300_000) })).toMatchObject({ status: 413, body: 'early' });
      expect(await ask()).toMatchObject({ status: 200, body: 'good' });
      expect(upstream.heard.map(({ line }) => line.split(' ')[0])).toEqual(['POST', 'GET']);
    });

    test('Expect: 100-continue is answered before the body comes', async () => {
      const upstream = await scene.behind(host, always(good));
      const got = await ask({ fields: { expect: '100-continue' }, body: [{ afterMs: 300, bytes: 'body' }] });
      expect(got).toMatchObject({ status: 200, body: 'good' });
      expect(got.interim).toContain(100);
      expect(upstream.heard[0]?.body).toBe('body');
      expect(valuesOf(upstream.heard[0]?.head ?? '', 'expect')).toEqual([]);
    });

    test.each([
      ['of no byte', 0],
      ['of one byte', 1],
      ['of 64 KiB', 65_536],
      ['of one byte more', 65_537],
      ['of 1 MiB', 1_048_576],
    ])('a body %s arrives whole, with its length or chunked', async (_name, size) => {
      const upstream = await scene.behind(host, always(good));
      const body = 'x'.repeat(size);
      expect(await ask({ body })).toMatchObject({ status: 200, body: 'good' });
      expect(upstream.heard.at(-1)?.body).toBe(body);
      expect(valuesOf(upstream.heard.at(-1)?.head ?? '', 'content-length')).toEqual([String(size)]);
      expect(await ask({ body, isChunked: true })).toMatchObject({ status: 200, body: 'good' });
      const last = upstream.heard.at(-1);
      expect(
        last?.head.includes('chunked') === true ? last.body.replace(/(^|\r\n)[0-9a-f]+\r\n/g, '').replace(/\r\n$/, '') : last?.body,
      ).toBe(body);
    });

    test('a visitor who leaves in the middle of an upload: nothing whole reaches the application', async () => {
      const upstream = await scene.behind(host, always(good));
      await ask({ body: [{ bytes: 'x'.repeat(200_000) }, { afterMs: 5000, bytes: 'rest' }], waitMs: 300 });
      expect(upstream.heard).toHaveLength(0);
      await expect.poll(upstream.open).toBe(0);
    });
  });
});
