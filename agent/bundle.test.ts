import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the agent carries nothing of the core, the window or heavy libraries', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['agent/main.ts'],
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    metafile: true,
    write: false,
    outfile: 'agent.cjs',
    logLevel: 'error',
  });
  const sources = Object.keys(metafile.inputs);
  expect(sources).toContain('agent/main.ts');
  expect(sources.filter((path) => /^src-|^assets\//.test(path))).toEqual([]);
  const libraries = new Set(sources.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  const unwanted = ['undici', 'react', 'react-dom', '@peculiar/x509', 'kysely', 'axios', 'pino', 'electron'];
  expect(unwanted.filter((name) => libraries.has(name))).toEqual([]);
  expect(sources.filter((path) => /[.]test[.]ts$|\/testing\//.test(path))).toEqual([]);
});
