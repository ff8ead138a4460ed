import { describe, expect, it } from 'vitest';
import { findPackageProblems, findSourceProblems } from './source-rules.mjs';

const longFunction = `export function long() {\n${'  step();\n'.repeat(51)}}`;
const late = (body: string): string => `export const f = async () => { ${body} };`;

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
    [
      'a type of job by its name',
      'src-main/services/a.ts',
      "export const f = (job?: J) => job?.type === 'create';",
      'is asked for by name',
    ],
    [
      'the same the other way round',
      'src-renderer/features/a/a.ts',
      "export const f = (type: T) => 'create' !== type;",
      'asked for by name',
    ],
    ['the way of a job', 'src-main/services/a.ts', "export const f = (job: J) => job.direction === 'back';", 'isGoingBack(job)'],
    ['the same in an effect', 'src-main/effects/a.ts', "export const f = (job?: J) => job?.direction !== 'forward';", 'isGoingBack(job)'],
    ['a function of 51 statements', 'agent/a.ts', longFunction, '51 statements'],
    [
      'a promise whose handler comes after another await',
      'src-main/a.ts',
      late('const p = ask(); await walk(); await p;'),
      ':1: `p` begins',
    ],
    ['the same in a window', 'src-renderer/a.tsx', late('const p = ask().then(tell); await walk(); await p.catch(note);'), '`p` begins'],
    ['the same at the top of a file', 'agent/a.ts', 'const p = ask();\nawait walk();\nawait p;\nexport {};', ':1: `p` begins'],
    ['two promises awaited in turn', 'agent/a.ts', late('const p = ask(), q = ask(); await p; await q;'), '`q` begins'],
    ['one that goes into a list too late', 'agent/a.ts', late('const p = ask(); await walk(); await Promise.all([p, q]);'), '`p` begins'],
    ['one that is given to `then` alone', 'agent/a.ts', late('const p = ask(); void p.then(tell); await walk(); await p;'), '`p` begins'],
    ['one that begins in an arm', 'agent/a.ts', late('const p = x ? ask() : undefined; await walk(); await p;'), '`p` begins'],
    ['one that is assigned', 'agent/a.ts', late('let p; p = ask(); for await (const one of all) tell(one); await p;'), '`p` begins'],
    ['one made by hand', 'agent/a.ts', late('const p = new Promise((yes, no) => ask(yes, no)); await walk(); await p;'), '`p` begins'],
    ['one that came as a parameter', 'agent/a.ts', 'async function f(p: Promise<void>) { await walk(); await p; }', '`p` begins'],
    ['a list that is awaited one by one', 'agent/a.ts', late('for (const p of all) await p;'), '`p` has begun with all the others'],
    [
      'a list that begins before its last await',
      'agent/a.ts',
      late('await Promise.all([ask(), tell(await walk())]);'),
      'one promise of this list',
    ],
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
    ['the way of a job, where a job is shown', 'src-renderer/features/jobs/a.ts', "export const f = (job: J) => job.direction === 'back';"],
    [
      'another type, and an act called create',
      'src-main/a.ts',
      "export const f = (x: X) => x.type === 'create-file' || x.verb === 'create';",
    ],
    ['fifty statements', 'agent/a.ts', longFunction.replace('  step();\n', '')],
    ['promises awaited together', 'agent/a.ts', late('const p = ask(); const q = walk(); await Promise.all([p, q]);')],
    ['a handler where the promise begins', 'agent/a.ts', late('const p = ask().catch(note); await walk(); await p;')],
    ['a handler before the pause', 'agent/a.ts', late('const p = ask(); p.catch(() => undefined); await walk(); await p;')],
    ['both arms of `then`', 'agent/a.ts', late('const p = ask(); p.then(tell, note); await walk(); await p;')],
    ['one that cannot fail', 'agent/a.ts', late('const p = new Promise((yes) => later(yes)); await walk(); await p;')],
    ['one that another function takes', 'agent/a.ts', late('const p = ask(); keep(p); await walk(); await p;')],
    ['a value that is no promise', 'agent/a.ts', late('const p = ask(); await walk(); return p.name;')],
    ['acts that begin one by one', 'agent/a.ts', late('for (const begin of all) await begin();')],
    ['a late handler in a test, which is red by itself', 'agent/a.test.ts', late('const p = ask(); await walk(); await p;')],
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
