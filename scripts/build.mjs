import { pathToFileURL } from 'node:url';
import { runInFront } from './lib/children.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { canBuild, everydayParts, isStale, parts } from './lib/parts.mjs';
import { say } from './lib/words.mjs';

/**
 * Builds those of the named parts that can be built and are stale, side by side. Returns false when one failed.
 * @param {string} node
 * @param {readonly string[]} names
 */
export async function buildStale(node, names) {
  const stale = parts.filter((part) => names.includes(part.name) && canBuild(part) && isStale(part)).map((part) => part.name);
  if (stale.length === 0) return true;
  process.stderr.write(`${say('building', { parts: stale.join(', ') })}\n`);
  return (await runInFront(node, ['scripts/build/run.mjs', ...stale], { stdio: ['ignore', 2, 2] })) === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const named = process.argv.slice(2);
  const node = await ensureInstalled();
  process.exitCode = (await buildStale(node, named.length > 0 ? named : everydayParts)) ? 0 : 1;
}
