import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runHosted } from './fixtures/run-hosted.ts';
import { createPayloads } from './index.ts';

const packagesFolder = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages');
const log = { info: () => undefined, warn: () => undefined, bug: () => '' };

it('TiddlyWiki is built twice with the same bytes, and lets in only whoever knows the password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-wiki-'));
  try {
    const builds = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const payloads = createPayloads({ packagesFolder, cacheFolder: join(folder, name), log });
        const file = (await payloads.manifests()).find(({ manifest }) => manifest.id === 'tiddlywiki');
        if (file === undefined) throw new Error('no package');
        return { file, built: await payloads.build(file, 'linux-x64') };
      }),
    );
    const [first, second] = builds;
    if (first === undefined || second === undefined) throw new Error('not built');
    expect(second.built.sha256).toBe(first.built.sha256);
    expect(first.built.sizeBytes).toBeLessThan(1024 ** 2);
    const parameters = { userName: 'owner', password: 'Sword-fish_42' };
    const hosted = await runHosted(first.file, first.built, folder, parameters);
    const { health, selfCheck } = first.file.manifest;
    const ask = (path: string, password?: string, more: RequestInit = {}): Promise<Response> =>
      fetch(`${hosted.url}${path}`, {
        ...more,
        headers: {
          ...(password === undefined ? {} : { authorization: `Basic ${btoa(`owner:${password}`)}` }),
          'x-requested-with': 'TiddlyWiki',
          'content-type': 'application/json',
        },
      });
    const status = (path: string, password?: string, more?: RequestInit): Promise<number> =>
      ask(path, password, more).then(
        (answer) => answer.status,
        () => 0,
      );
    try {
      await expect.poll(() => status(health.path, parameters.password), { timeout: 30_000 }).toBe(200);
      for (const path of ['/', health.path, '/recipes/default/tiddlers.json']) expect(await status(path), path).toBe(401);
      expect(await status(health.path, 'wrong')).toBe(401);
      const body: Record<string, unknown> = await (await ask(health.path, parameters.password)).json();
      expect(body).toMatchObject({ username: 'owner', space: { recipe: 'default' }, tiddlywiki_version: first.file.manifest.version });
      expect(selfCheck?.fields).toEqual(['username', 'space.recipe', 'tiddlywiki_version']);
      const tiddler = { method: 'PUT', body: JSON.stringify({ title: 'Hello', text: 'from a customer' }) };
      expect(await status('/recipes/default/tiddlers/Hello', undefined, tiddler)).toBe(401);
      expect(await status('/recipes/default/tiddlers/Hello', parameters.password, tiddler)).toBe(204);
      await expect.poll(() => readdirSync(join(hosted.data, 'wiki', 'tiddlers')).includes('Hello.tid'), { timeout: 10_000 }).toBe(true);
    } finally {
      await hosted.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
