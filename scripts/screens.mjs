import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/root.mjs';

/** Photographs every screen: builds the window first, unless --built says that it is there. */
const arguments_ = process.argv.slice(2);
const isBuilt = arguments_.includes('--built') && existsSync(join(root, 'dist/window/index.html'));
/** @param {string[]} command */
const node = (...command) => spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;

const built = isBuilt ? 0 : node('scripts/build/run.mjs', 'window');
process.exitCode = built === 0 ? node('e2e/screens/run.ts', ...arguments_.filter((argument) => argument !== '--built')) : built;
