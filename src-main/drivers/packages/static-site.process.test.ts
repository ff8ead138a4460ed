import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runHosted } from './fixtures/run-hosted.ts';
import { createPayloads } from './index.ts';

const packagesFolder = join(import.meta.dirname, '..', '..', '..', 'assets', 'packages');
const log = { info: () => undefined, warn: () => undefined, bug: () => '' };

it('the plain website serves its folder and nothing else, checks itself, and ends when it is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-site-'));
  const payloads = createPayloads({ packagesFolder, cacheFolder: join(folder, 'cache'), log });
  try {
    const file = (await payloads.manifests()).find(({ manifest }) => manifest.id === 'static-site');
    if (file === undefined) throw new Error('no package');
    const hosted = await runHosted(file, await payloads.build(file, 'linux-x64'), folder, {});
    const status = (path: string): Promise<number> =>
      fetch(`${hosted.url}${path}`).then(
        (answer) => answer.status,
        () => 0,
      );
    try {
      await expect.poll(() => status(file.manifest.health.path), { timeout: 5000 }).toBe(200);
      expect(await (await fetch(`${hosted.url}/.well-known/self-check`)).json()).toEqual({ canRead: true });
      writeFileSync(join(folder, 'secret.txt'), 'swordfish');
      symlinkSync(join(folder, 'secret.txt'), join(hosted.data, 'public', 'link.txt'));
      for (const path of ['/link.txt', '/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt', '/missing', '/%00', '/%'])
        expect(await status(path), path).toBe(404);
      writeFileSync(join(hosted.data, 'public', 'note.txt'), 'new');
      expect(await (await fetch(`${hosted.url}/note.txt?x=1`)).text()).toBe('new');
      expect((await fetch(`${hosted.url}/`, { method: 'POST' })).status).toBe(405);
      rmSync(join(hosted.data, 'public', 'index.html'));
      expect([await status('/'), await status('/.well-known/self-check')]).toEqual([404, 503]);
    } finally {
      expect(await hosted.stop()).toBe(0);
    }
    expect(existsSync(join(hosted.data, 'public.new'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
