import { realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

const isNpm = (path: string): boolean => /[/\\]npm[/\\]bin[/\\]npm-cli\.js$/.test(path);

/**
 * npm's own script, so that it runs with a Node of our choice: where npm says it is when it started us, or else beside an `npm` or `node` on PATH
 * (an installer of Windows and of other systems put it in different places). Undefined when there is none.
 */
export async function findNpm(environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    environment['npm_execpath'] ?? '',
    ...folders.flatMap((folder) => [
      join(folder, 'npm'),
      join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      join(dirname(folder), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ]),
  ];
  for (const candidate of candidates) {
    const path = candidate === '' ? undefined : await realpath(candidate).catch(() => undefined);
    if (path !== undefined && isNpm(path) && (await stat(path)).isFile()) return path;
  }
  return undefined;
}
