import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Got } from './testing/both-ways.ts';
import { createScene, families, host, type Scene, ways } from './testing/scene.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';

/** A request may be sent again when the upstream took no byte of it, whatever its method; never when it may have taken some. */
describe.each(families)('sent again over $family', ({ address }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene(address);
  });
  afterAll(() => scene.close());

  describe.each(ways)('%s', (way) => {
    const ask = (more: Parameters<Scene['way']['HTTP/1.1']['ask']>[0] = {}): Promise<Got> => scene.way[way].ask(more);

    test.each(['end', 'destroy', 'later'] as const)(
      'an upstream that closes right after each answer (%s) loses no request and gets none twice',
      { timeout: 30_000 },
      async (how) => {
        const upstream = await scene.behind(host, ({ socket }) => {
          if (how === 'end') socket.end(good);
          else
            socket.write(good, () => {
              if (how === 'destroy') socket.destroy();
              else setTimeout(() => socket.end(), 1);
            });
        });
        const bad: Got[] = [];
        for (let round = 0; round < 15; round++) {
          const some = await Promise.all(Array.from({ length: 10 }, (_, at) => ask({ body: `${round}-${at}` })));
          bad.push(...some.filter(({ status, body }) => status !== 200 || body !== 'good'));
        }
        expect(bad).toEqual([]);
        const heard = upstream.heard.map(({ body }) => body);
        expect(new Set(heard).size).toBe(150);
        expect(heard).toHaveLength(150);
      },
    );

    test.each([
      ['GET', 3],
      ['POST', 2],
      ['PUT', 2],
      ['DELETE', 2],
    ])('%s that may have been taken and is not answered: the application hears of it no more often than is safe', async (method, heard) => {
      let count = 0;
      const upstream = await scene.behind(host, ({ socket }) => {
        count += 1;
        if (count === 1) socket.write(good.replace('\r\n', '\r\nkeep-alive: timeout=5\r\n'));
        else socket.end();
      });
      expect(await ask()).toMatchObject({ status: 200 });
      await delay(30);
      const got = await ask({ method, ...(method === 'POST' || method === 'PUT' ? { body: 'x' } : {}) });
      expect(got.status).toBe(503);
      expect(upstream.heard).toHaveLength(heard);
      expect(upstream.heard[1]).toMatchObject({ connection: 0, at: 1 });
      expect(scene.edge.notes.at(-1)).toMatchObject({ kind: 'broken', cause: 'closed' });
    });

    test('an upstream that closes every new connection without a word is asked once', async () => {
      const upstream = await scene.behind(host, ({ socket }) => socket.destroy());
      expect((await ask({ body: 'x' })).status).toBe(503);
      expect(upstream.connections()).toBe(1);
    });
  });
});
