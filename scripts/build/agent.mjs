import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { readJson, root } from '../lib/root.mjs';

const folder = join(root, 'dist', 'agent');

/** The flags are those that were measured for memory: CommonJS and minified start in 90 ms. @param {string} entry @param {string} name */
async function bundle(entry, name) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(folder, name),
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${entry} gave no bundle`);
  return { name, contents: file.contents, sources: Object.keys(result.metafile.inputs).sort() };
}

/** Writes whole or not at all: an agent may be starting from the file at this moment. @param {string} name @param {string | Uint8Array} contents */
async function put(name, contents) {
  const path = join(folder, name);
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}

/** agent.cjs and edge.cjs, the hash of each beside it, `bundle.json` (what the core offers to agents), `sources.json` (for the bundle test). */
export async function buildAgent() {
  await mkdir(folder, { recursive: true });
  const bundles = await Promise.all([bundle('agent/main.ts', 'agent.cjs'), bundle('agent/edge/main.ts', 'edge.cjs')]);
  /** @type {Record<string, { sha256: string, sizeBytes: number }>} */
  const files = {};
  for (const { name, contents } of bundles) {
    const sha256 = createHash('sha256').update(contents).digest('hex');
    files[name] = { sha256, sizeBytes: contents.byteLength };
    await put(name, contents);
    await put(`${name}.sha256`, `${sha256}  ${name}\n`);
  }
  await put('bundle.json', `${JSON.stringify({ version: readJson('package.json').version, files }, null, 2)}\n`);
  await put('sources.json', `${JSON.stringify(Object.fromEntries(bundles.map(({ name, sources }) => [name, sources])), null, 2)}\n`);
}
