#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runInFront } from './lib/children.mjs';
import { pinnedNode, root } from './lib/root.mjs';
import { say } from './lib/words.mjs';

// The command line's entry: silent, because standard output belongs to the answer.
const main = join(root, 'src-main', 'shells', 'cli', 'main.ts');
const node = existsSync(join(root, 'node_modules')) ? pinnedNode() : undefined;

if (node === undefined) {
  process.stderr.write(`${say('installNeedsNpm')}\n`);
  process.exitCode = 1;
} else if (!existsSync(main)) {
  process.stderr.write(`${say('entryMissing', { path: 'src-main/shells/cli/main.ts' })}\n`);
  process.exitCode = 1;
} else {
  // npm moves to the package's folder; file names on the command line belong to where the person stands.
  const here = process.env.npm_lifecycle_event === 'farm' ? process.env.INIT_CWD : undefined;
  process.exitCode = await runInFront(node, [main, ...process.argv.slice(2)], { cwd: here ?? process.cwd() });
}
