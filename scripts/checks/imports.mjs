import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { root } from '../lib/root.mjs';

/** @type {{ rows: { folder: string, from: string, to: string[], packages?: string[], hasNode?: boolean }[], allowed: any[], allowedSeverity: 'error', forbidden: any[], options: any }} */
const { rows, options, ...ruleSet } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
const folders = ['kit', 'contract', 'words', 'src-main', 'src-renderer', 'agent', 'assets', 'e2e', 'bench', 'scripts'];

/** The row's own words, so that the refusal teaches the rule. @param {string} from */
function teach(from) {
  const row = rows.find((candidate) => new RegExp(candidate.from, 'u').test(from));
  if (row === undefined) return 'no row speaks of this folder: give it one';
  const may = [...row.to, ...(row.packages ?? []), ...(row.hasNode === true ? ['node:*'] : [])];
  return `${row.folder} may import only: ${may.map((pattern) => pattern.replace(/^\^/u, '').replaceAll('[.]', '.').replace(/\$$/u, '')).join(', ')}`;
}

/**
 * Every import in the folder that no row of the table allows, as one sentence each.
 * @param {string} baseDir
 * @returns {Promise<{ problems: string[], importCount: number }>}
 */
export async function findForbiddenImports(baseDir) {
  const present = folders.filter((folder) => existsSync(join(baseDir, folder)));
  const { output } = await cruise(present, { ...options, baseDir, ruleSet, validate: true });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text where a result was asked for');
  const problems = output.summary.violations.map(({ from, to, rule, cycle }) =>
    rule.name === 'no-cycle'
      ? `${from}: imports itself over ${(cycle ?? []).map((step) => step.name).join(' → ')}. Two files that need each other are one file, or miss a third.`
      : `${from}: may not import ${to}. ${teach(from)}.`,
  );
  return { problems: [...new Set(problems)], importCount: output.summary.totalDependenciesCruised ?? 0 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { problems, importCount } = await findForbiddenImports(root);
  if (problems.length > 0)
    process.stdout.write(
      `${problems.sort().join('\n')}\nThe table is in .dependency-cruiser.cjs; the README says what each folder is for.\n`,
    );
  // An allow-list over nothing allows everything: a broken parser must not look like a clean house.
  const isBlind = importCount < 100;
  if (isBlind) process.stdout.write(`Only ${importCount} imports were seen: the parser does not read the files.\n`);
  process.exitCode = problems.length > 0 || isBlind ? 1 : 0;
}
