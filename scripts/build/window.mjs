import { join } from 'node:path';
import { build } from 'vite';
import { root } from '../lib/root.mjs';

export async function buildWindow() {
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn', mode: 'production' });
}
