import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTranslate } from '#words/translate.ts';
import type { GroupTree } from './os/linux/group-trees.ts';
import { createLimitGroups, type GroupRoots } from './os/linux/limits.ts';

/** "Limits of plans" on the page of a server, by what the groups of each kind of system really answer. */
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kinds: Readonly<Record<string, () => Partial<GroupRoots>>> = {
  'root, version 1': () => ({
    isRoot: true,
    trees: (['memory', 'pids', 'cpu'] as const).map((controller): GroupTree => {
      mkdirSync(join(folder, controller));
      return { version: 1, path: join(folder, controller), controllers: [controller] };
    }),
  }),
  'root, version 2': () => ({ isRoot: true, trees: [{ version: 2, path: folder, controllers: ['memory', 'pids', 'cpu'] }] }),
  'a user who was given a group': () => {
    mkdirSync(join(folder, 'app.slice'));
    return {
      isRoot: false,
      trees: [{ version: 2, path: folder, controllers: ['memory', 'pids', 'cpu'] }],
      given: join(folder, 'app.slice'),
    };
  },
  'a user without': () => ({ isRoot: false, trees: [{ version: 2, path: folder, controllers: ['memory', 'pids', 'cpu'] }] }),
  'root in a container without groups': () => ({ isRoot: true, trees: [] }),
};

function section(kind: string): string[] {
  const roots = { trees: [], isRoot: true, cores: 2, tryStart: () => true, ...kinds[kind]?.() };
  const { reason, ...holds } = createLimitGroups('0123456789abcdef', roots).here(roots.isRoot);
  const { say } = createTranslate('en', 'UTC');
  const lines = (['memory', 'processes', 'cpu', 'files'] as const).map((what) =>
    say(`servers.page.fact.bounds.${what}`, { hold: holds[what] }),
  );
  return [
    ...lines,
    say('servers.page.fact.bounds.disk'),
    ...(reason === 'none' ? [] : [say('servers.page.fact.bounds.reason', { reason })]),
  ];
}

const files = 'Files: the system gives each process 8,192 open ones at most, and lets none grow larger than the disk of its plan.';
const disk =
  'Disk: the system does not keep it; it is measured every ten minutes, within seconds where much is written, and at once where the disk fills fast. From nine tenths of its plan on there is an alert; above 110 % the instance is ended.';
const allKept = [
  'Memory: the system keeps every instance within its plan, and ends one that wants more.',
  'Processes: the system gives each instance 256 at most, threads counted.',
  'Processor: where it is scarce each instance gets the share of its plan, and never more than three quarters of the server.',
  files,
  disk,
];
const memoryWatched =
  'Memory: the agent looks every second and ends an instance that takes a fifth more than its plan; the system does not bound it.';
const cpuNot = 'Processor: not bounded; one instance can slow down all others.';

test.each(['root, version 1', 'root, version 2', 'a user who was given a group'])('%s: all is kept but the disk', (kind) => {
  expect(section(kind)).toEqual(allKept);
});

test('a user without a group: nothing is called kept but files, and what would help is said', () => {
  expect(section('a user without')).toEqual([
    memoryWatched,
    'Processes: the agent looks every second and ends an instance that has more than 256.',
    cpuNot,
    files,
    disk,
    'The agent is not root, and its system gave it no group of its own; as root, or as a service of its user’s own systemd, it could let the system keep more.',
  ]);
});

test('root without groups: the users of instances bound their processes, and why not the rest', () => {
  expect(section('root in a container without groups')).toEqual([
    memoryWatched,
    'Processes: the system gives each instance 256 at most, threads counted.',
    cpuNot,
    files,
    disk,
    'The system has no groups for what is not kept, as in many containers.',
  ]);
});
