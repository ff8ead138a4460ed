import { build } from 'esbuild';
import { join } from 'node:path';
import { root } from '../lib/root.mjs';

/** The built-in name server's own process: one CommonJS file, which is read from an open descriptor and asks for nothing but Node. Also read by the bundle test. */
export const nameServerBundle = {
  absWorkingDir: root,
  entryPoints: ['src-main/drivers/dns/builtin/process/main.ts'],
  outfile: join(root, 'dist', 'name-server', 'name-server.cjs'),
  bundle: true,
  minify: true,
  format: /** @type {const} */ ('cjs'),
  platform: /** @type {const} */ ('node'),
  target: 'node24',
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('error'),
};

export async function buildNameServer() {
  await build(nameServerBundle);
}
