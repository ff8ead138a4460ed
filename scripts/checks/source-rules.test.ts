import { describe, expect, it } from 'vitest';
import { findPackageProblems, findSourceProblems } from './source-rules.mjs';

const longFunction = `export function long() {\n${'  step();\n'.repeat(51)}}`;

describe('source rules', () => {
  it.each([
    ['literal text in JSX', 'src-renderer/ui/a.tsx', 'export const A = () => <p>Hello there</p>;', ':1: "Hello there" is literal text'],
    ['a literal in braces', 'src-renderer/ui/a.tsx', "export const A = () => <p>{'Привет'}</p>;", 'literal text'],
    [
      'one arm of a condition',
      'src-renderer/ui/a.tsx',
      "export const A = (p: { x: boolean }) => <p>{p.x ? 'Yes' : <b />}</p>;",
      'literal text',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source.
    ['a template', 'src-renderer/ui/a.tsx', 'export const A = (p: { n: number }) => <p>{`${p.n} servers`}</p>;', 'literal text'],
    ['a spoken attribute', 'src-renderer/ui/a.tsx', 'export const A = () => <i aria-label="Close" />;', 'aria-label="Close"'],
    [
      'a sentence on the command line',
      'src-main/shells/cli/a.ts',
      "// über\nprocess.stdout.write('No such server');",
      ':2: "No such server" is a sentence',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source.
    ['a sentence inside a call', 'src-main/shells/cli/a.ts', 'show([{ text: `took ${1} long seconds` }]);', 'is a sentence'],
    ['Russian on the command line', 'src-main/shells/cli/a.ts', "show('Готово');", 'is a sentence'],
    [
      'the platform in the core',
      'src-main/services/a.ts',
      "export const isWindows = process.platform === 'win32';",
      'process.platform is read in',
    ],
    ['a function of 51 statements', 'agent/a.ts', longFunction, '51 statements'],
  ])('refuses %s', (_what, path, text, words) => {
    expect(findSourceProblems(path, text)).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    [
      'text from words',
      'src-renderer/ui/a.tsx',
      'export const A = (p: { t: string }) => <p className="big bold" data-x="a b">{p.t} · {\'–\'}</p>;',
    ],
    [
      'identifiers on the command line',
      'src-main/shells/cli/a.ts',
      "const verb = 'instances'; const flag = '--json'; throw new TypeError('cannot happen here');",
    ],
    ['the one who chooses', 'agent/os/choose-os.ts', 'export const os = process.platform;'],
    ['fifty statements', 'agent/a.ts', longFunction.replace('  step();\n', '')],
    ['functions within functions', 'agent/a.test.ts', `describe('x', () => {\n${"it('y', () => { a(); b(); c(); });\n".repeat(40)}});`],
  ])('lets %s pass', (_what, path, text) => {
    expect(findSourceProblems(path, text)).toEqual([]);
  });

  it('wants exact versions and no addresses', () => {
    expect(
      findPackageProblems(
        { dependencies: { a: '1.2.3', b: '^1.0.0' }, devDependencies: { c: 'latest' } },
        '{"resolved": "https://example.test/a.tgz"}',
      ),
    ).toHaveLength(3);
    expect(findPackageProblems({ dependencies: { a: '1.2.3-beta.1' } }, '{"integrity": "sha512-x"}')).toEqual([]);
  });
});
