import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putFile, makeInstallation } from '../drivers/local-agents/fixtures/installation.ts';
import { createLocalAgents } from '../drivers/local-agents/index.ts';
import { createProgramCopy } from '../drivers/local-agents/program-copy/index.ts';
import { sweepCopies } from '../drivers/local-agents/program-copy/sweep-copies.ts';
import type { LocalAgent, LocalAgents } from '../ports/local-agents.ts';
import type { Log } from '../ports/request.ts';
import { chooseDesktop } from '../shells/choose-desktop.ts';

/** A desktop that was updated: agents of the older version run from its copy, whose installation is gone. Real agents, real Node, real /proc. */
const built = join(import.meta.dirname, '..', '..', 'dist', 'agent');
const { foldersInUse } = chooseDesktop();
const clock = { nowMs: () => Date.now(), after: () => () => undefined };
const log: Log = { info: () => undefined, warn: () => undefined, bug: () => '' };

let folder = '';
let root = '';
let agent: LocalAgent;

/** What the desktop of a version has: its installation, and how it starts agents. */
function desktopOf(version: string): { readonly installation: string; readonly local: LocalAgents } {
  const installation = join(folder, `Farmstead ${version}`);
  const installed = makeInstallation(installation, { path: process.execPath });
  for (const name of ['agent.cjs', 'edge.cjs']) putFile(join(installation, 'agent', name), readFileSync(join(built, name)));
  const program = createProgramCopy({ installed, version, root, foldersInUse, clock, log });
  return { installation, local: createLocalAgents({ program, isSupported: true, clock, log, patience: { codeMs: 2000, endMs: 3000 } }) };
}
/** Looks for ports and clears up: it starts nothing. */
const nothing = { find: () => Promise.reject(new Error('nothing to start')), tidy: async () => undefined };
const starter = createLocalAgents({ program: nothing, isSupported: true, clock, log });
const versions = (): string[] => readdirSync(root).map((name) => name.replace(/-[0-9a-f]{8}$/, ''));
const sweep = () => {
  for (const name of readdirSync(root)) utimesSync(join(root, name), 0, 0);
  return sweepCopies({ root, keep: readdirSync(root).find((name) => name.startsWith('2.')) ?? '', foldersInUse, clock });
};
const processId = (): number => JSON.parse(readFileSync(join(agent.home, 'agent.json'), 'utf8')).processId;
const programOf = (id: number): string => readlinkSync(`/proc/${id}/exe`).slice(root.length + 1);

beforeEach(async () => {
  if (!existsSync(join(built, 'agent.cjs'))) throw new Error('dist/agent is not built. Run: npm run build');
  folder = mkdtempSync(join(tmpdir(), 'farm-versions-'));
  root = join(folder, 'Анна', 'runtime');
  const from = 20_000 + Math.floor(Math.random() * 9000);
  const [linkPort = 0, httpsPort = 0, httpPort = 0] = await starter.freePorts([from, from + 1, from + 2], []);
  const simulated = { memoryBytes: 2 ** 32, cpuMillicores: 2000, diskBytes: 2 ** 34 };
  agent = { name: 'Alder', home: join(folder, 'agents', 'alder'), linkPort, httpsPort, httpPort, simulated };
});
afterEach(async () => {
  const left = await starter.remove(agent);
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

it('a newer desktop takes over agents of an older one, starts them from its own copy, and sweeps the older when the edge needs it no more', async () => {
  const older = desktopOf('1.0.0');
  await older.local.ensure(agent);
  const first = processId();
  expect(programOf(first)).toMatch(/^1\.0\.0-[0-9a-f]{8}\/bin\/node$/);
  rmSync(older.installation, { recursive: true });

  const newer = desktopOf('2.0.0');
  await newer.local.ensure(agent);
  expect(processId()).toBe(first);
  expect(versions()).toEqual(['1.0.0']);

  process.kill(first, 'SIGKILL');
  // Its last threads, and its port with them, end a moment after its program is no longer to be read.
  await expect.poll(() => existsSync(`/proc/${first}`)).toBe(false);
  await newer.local.ensure(agent);
  expect(programOf(processId())).toMatch(/^2\.0\.0-[0-9a-f]{8}\/bin\/node$/);
  // The edge of the older version serves on: no visitor noticed.
  expect(await sweep()).toMatchObject({ removed: [], kept: [expect.stringMatching(/^1\.0\.0-/)] });
  expect(await newer.local.remove(agent)).toEqual([]);
  expect(await sweep()).toMatchObject({ removed: [expect.stringMatching(/^1\.0\.0-/)], kept: [] });
  expect(versions()).toEqual(['2.0.0']);
}, 60_000);

it('a newer desktop removes an agent that an older one started, and all that it ran', async () => {
  const older = desktopOf('1.0.0');
  await older.local.ensure(agent);
  rmSync(older.installation, { recursive: true });
  expect(await desktopOf('2.0.0').local.remove(agent)).toEqual([]);
  expect((await foldersInUse([root])).size).toBe(0);
}, 60_000);
