import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exists, readJson, root } from '../lib/root.mjs';
import { findPackageProblems, findSourceProblems } from './source-rules.mjs';

const folders = ['kit', 'contract', 'words', 'src-main', 'src-renderer', 'agent', 'e2e', 'bench', 'scripts'];
const paths = folders
  .filter(exists)
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  )
  .filter((path) => /\.(ts|tsx|mjs)$/u.test(path) && !path.endsWith('.d.ts') && !/(^|\/)(node_modules|payload)\//u.test(path));

const problems = [
  ...paths.flatMap((path) => findSourceProblems(path, readFileSync(join(root, path), 'utf8'))),
  ...findPackageProblems(readJson('package.json'), readFileSync(join(root, 'package-lock.json'), 'utf8')),
];
if (problems.length > 0) process.stdout.write(`${problems.join('\n')}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
