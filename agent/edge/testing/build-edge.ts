import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The edge as it is shipped: one file, in this folder. */
export async function buildEdge(folder: string): Promise<string> {
  const outfile = join(folder, 'edge.cjs');
  const absWorkingDir = fileURLToPath(new URL('../../..', import.meta.url));
  const about = { bundle: true, minify: true, format: 'cjs', platform: 'node', target: 'node24', logLevel: 'error' } as const;
  await build({ absWorkingDir, entryPoints: ['agent/edge/main.ts'], outfile, ...about });
  return outfile;
}
