import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstanceLimits } from '../limits.ts';
import { findTrees, type GroupTree } from './group-trees.ts';
import { groupValues, mostMillicores } from './group-values.ts';
import { startScript } from './limited-start.ts';
import { createLimitGroups, givenGroup, givenTrees, type GroupRoots } from './limits.ts';

const limits: InstanceLimits = { memoryBytes: 2 ** 28, cpuMillicores: 250, processes: 256, openFiles: 8192, fileBytes: 1000 };
const line = (path: string, kind: string, options: string): string => `36 35 0:31 / ${path} rw,nosuid shared:9 - ${kind} cgroup ${options}`;

describe('which trees bound what', () => {
  const mounted = (...lines: string[]): string => [line('/proc', 'proc', 'rw'), ...lines, ''].join('\n');
  const all = (): string => 'cpuset cpu io memory pids\n';
  const first = ['memory', 'pids', 'cpu,cpuacct'].map((name) => line(`/sys/fs/cgroup/${name}`, 'cgroup', `rw,${name}`));
  test.each<[what: string, mountInfo: string, controllersOf: () => string, trees: GroupTree[]]>([
    ['none mounted', mounted(), all, []],
    [
      'version 1, two controllers in one',
      mounted(...first),
      all,
      [
        { version: 1, path: '/sys/fs/cgroup/memory', controllers: ['memory'] },
        { version: 1, path: '/sys/fs/cgroup/pids', controllers: ['pids'] },
        { version: 1, path: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu'] },
      ],
    ],
    [
      'version 2',
      mounted(line('/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate')),
      all,
      [{ version: 2, path: '/sys/fs/cgroup', controllers: ['memory', 'pids', 'cpu'] }],
    ],
    [
      'both: version 2 has what version 1 leaves it',
      mounted(line('/sys/fs/cgroup/unified', 'cgroup2', 'rw'), first[0] ?? ''),
      () => 'pids\n',
      [
        { version: 1, path: '/sys/fs/cgroup/memory', controllers: ['memory'] },
        { version: 2, path: '/sys/fs/cgroup/unified', controllers: ['pids'] },
      ],
    ],
    ['version 2 without controllers, as in a container', mounted(line('/sys/fs/cgroup', 'cgroup2', 'rw')), () => '\n', []],
    [
      'a path with a space',
      mounted(line('/my\\040groups', 'cgroup2', 'rw')),
      () => 'memory',
      [{ version: 2, path: '/my groups', controllers: ['memory'] }],
    ],
  ])('%s', (_what, mountInfo, controllersOf, trees) => {
    expect(findTrees(mountInfo, controllersOf)).toEqual(trees);
  });
});

describe('what a group is told', () => {
  const told = (version: 1 | 2, controller: 'memory' | 'pids' | 'cpu', change: Partial<InstanceLimits> = {}, cores = 2) =>
    groupValues(version, controller, { ...limits, ...change }, cores).map(({ file, value }) => `${file}=${value}`);
  test('version 1: memory with swap is never below memory alone, whichever way it changes', () => {
    expect(told(1, 'memory')).toEqual([
      'memory.memsw.limit_in_bytes=-1',
      'memory.limit_in_bytes=268435456',
      'memory.memsw.limit_in_bytes=268435456',
    ]);
    expect(told(1, 'cpu')).toEqual(['cpu.shares=256', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=150000']);
  });
  test('version 2: no swap beside it, ended whole', () => {
    expect(told(2, 'memory')).toEqual(['memory.max=268435456', 'memory.swap.max=0', 'memory.oom.group=1']);
    expect(told(2, 'cpu')).toEqual(['cpu.weight=25', 'cpu.max=150000 100000']);
    expect(told(2, 'pids')).toEqual(['pids.max=256']);
  });
  test('values that a kernel refuses are never said', () => {
    expect(told(1, 'cpu', { cpuMillicores: 1 })[0]).toBe('cpu.shares=2');
    expect(told(2, 'cpu', { cpuMillicores: 1 })[0]).toBe('cpu.weight=1');
    expect(told(2, 'cpu', { cpuMillicores: 1e9 })[0]).toBe('cpu.weight=10000');
    expect(told(2, 'memory', { memoryBytes: 1e8 + 0.5 })[0]).toBe('memory.max=100000001');
  });
  test.each([
    [100, 1, 750],
    [100, 2, 1500],
    [1900, 2, 1900],
    [9000, 2, 2000],
    [250, 64, 48_000],
  ])('a plan of %i millicores on %i cores may take %i where they are idle', (plan, cores, most) => {
    expect(mostMillicores(plan, cores)).toBe(most);
  });
});

test('the shell enters every group or begins nothing, closes what it was passed, and says no word of anybody', () => {
  const script = startScript({ entrances: ['/a', '/b'], openFiles: 8192, fileBytes: 1000, userProcesses: 77 });
  expect(script.split('\n')).toEqual([
    'echo 0 >&3 || exit 125',
    'echo 0 >&4 || exit 125',
    'exec 3>&- 4>&-',
    '{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null',
    'ulimit -n 8192 2>/dev/null',
    'ulimit -f 2 2>/dev/null',
    'ulimit -p 77 2>/dev/null || ulimit -u 77 2>/dev/null',
    'exec "$@"',
  ]);
});

describe('which group an ordinary user was given', () => {
  const manager = '/user.slice/user-1500.slice/user@1500.service';
  const below = (path: string) => (asked: string) => asked === `/sys/fs/cgroup${path}` || asked.startsWith(`/sys/fs/cgroup${path}/`);
  test.each<[what: string, own: string, writable: string, given: string | undefined]>([
    [
      'a service of the user’s own systemd: what that service is in',
      `0::${manager}/app.slice/farm.service`,
      manager,
      `${manager}/app.slice`,
    ],
    ['a service of a slice that was given to the user', '0::/farm.slice/farm.service', '/farm.slice', '/farm.slice'],
    [
      'an agent in a group below its service',
      '0::/system.slice/farm.service/agent',
      '/system.slice/farm.service',
      '/system.slice/farm.service',
    ],
    [
      'an agent in the group of its service: no next agent could start',
      '0::/system.slice/farm.service',
      '/system.slice/farm.service',
      undefined,
    ],
    ['no service', '0::/user.slice/session-1.scope', '/user.slice', undefined],
    ['nothing may be written', '0::/system.slice/farm.service/agent', '/nothing', undefined],
    ['version 1 beside it', `4:memory:/x\n0::${manager}/app.slice/farm.service`, manager, `${manager}/app.slice`],
  ])('%s', (_what, own, writable, given) => {
    const trees: GroupTree[] = [{ version: 2, path: '/sys/fs/cgroup', controllers: ['memory'] }];
    expect(givenGroup(own, trees, below(writable))).toBe(given === undefined ? undefined : `/sys/fs/cgroup${given}`);
    expect(givenGroup(own, [], below(writable))).toBeUndefined();
  });
});

test('a user is given some controllers: trees of version 1 and the others are not its', () => {
  const trees: GroupTree[] = [
    { version: 1, path: '/sys/fs/cgroup/pids', controllers: ['pids'] },
    { version: 2, path: '/sys/fs/cgroup/unified', controllers: ['memory', 'cpu'] },
  ];
  expect(givenTrees(trees, '/given', () => 'memory pids\n')).toEqual([{ ...trees[1], controllers: ['memory'] }]);
  expect(givenTrees(trees, '/given', () => '\n')).toEqual([]);
});

describe('groups of version 2 on a made-up tree', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farm-groups-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const tree = (): GroupTree => ({ version: 2, path: folder, controllers: ['memory', 'pids', 'cpu'] });
  const open = (change: Partial<GroupRoots> = {}) =>
    createLimitGroups('0123456789abcdef', { trees: [tree()], isRoot: true, cores: 2, tryStart: () => true, ...change });
  const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
  const group = (): string => join(folder, 'farmstead-0123456789abcdef');

  test('controllers are given on above and in the agent’s group, where no process is', () => {
    const groups = open();
    expect(text('cgroup.subtree_control')).toBe('+memory +pids +cpu');
    writeFileSync(join(folder, 'cgroup.subtree_control'), 'cpuset cpu memory pids\n');
    const start = groups.prepare('anna', limits, true);
    expect(start).toEqual({ entrances: [join(group(), 'anna', 'cgroup.procs')], openFiles: 8192, fileBytes: 1000 });
    expect(text('cgroup.subtree_control')).toBe('cpuset cpu memory pids\n');
    expect(readFileSync(join(group(), 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu');
    expect(readFileSync(join(group(), 'anna', 'memory.max'), 'utf8')).toBe('268435456');
    expect(readFileSync(join(group(), 'anna', 'pids.max'), 'utf8')).toBe('256');
    expect(existsSync(join(group(), 'cgroup.procs'))).toBe(false);
    expect(groups.here(true)).toEqual({ memory: 'kept', processes: 'kept', cpu: 'kept', files: 'kept', reason: 'none' });
  });

  test('a group that was given to an ordinary user: the groups are below it', () => {
    const given = join(folder, 'app.slice');
    mkdirSync(given);
    open({ isRoot: false, given }).prepare('anna', limits, false);
    expect(text('app.slice', 'cgroup.subtree_control')).toBe('+memory +pids +cpu');
    expect(text('app.slice', 'farmstead-0123456789abcdef', 'anna', 'memory.max')).toBe('268435456');
    expect(existsSync(join(folder, 'cgroup.subtree_control'))).toBe(false);
  });

  test('what the limit ended is counted, and a live change never falls below what is used', () => {
    const groups = open();
    groups.prepare('anna', limits, true);
    const memory = (file: string): string => join(group(), 'anna', file);
    writeFileSync(memory('memory.events'), 'low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\n');
    writeFileSync(memory('memory.stat'), `anon ${2 ** 27}\nfile 0\n`);
    expect(groups.memoryKills('anna')).toBe(2);
    expect(groups.change('anna', { ...limits, memoryBytes: 2 ** 26 })).toBe(false);
    expect(readFileSync(memory('memory.max'), 'utf8')).toBe(String(2 ** 28));
    expect(groups.change('anna', { ...limits, memoryBytes: 2 ** 29 })).toBe(true);
    expect(readFileSync(memory('memory.max'), 'utf8')).toBe(String(2 ** 29));
  });

  test('a name that leads out of the folder has no group', () => {
    const groups = open();
    for (const name of ['..', '../x', '/etc', '.', 'a/b', '']) expect(groups.prepare(name, limits, true)?.entrances).toEqual([]);
  });

  test.each<[what: string, change: Partial<GroupRoots>, hasUsers: boolean, here: object]>([
    ['no groups at all', { trees: [] }, true, { memory: 'watched', processes: 'kept', cpu: 'none', files: 'kept', reason: 'noGroups' }],
    ['no groups and no users', { trees: [] }, false, { processes: 'watched' }],
    [
      'an ordinary user',
      { isRoot: false },
      false,
      { memory: 'watched', processes: 'watched', cpu: 'none', files: 'kept', reason: 'notRoot' },
    ],
    [
      'groups that let nobody in',
      { tryStart: ({ entrances }) => entrances.length === 0 },
      true,
      { memory: 'watched', cpu: 'none', reason: 'refused' },
    ],
    ['no shell', { tryStart: () => false }, true, { memory: 'watched', processes: 'watched', cpu: 'none', files: 'none' }],
    [
      'a tree that cannot be written',
      { trees: [{ version: 2, path: '/nowhere/at/all', controllers: ['memory'] }] },
      true,
      { reason: 'refused' },
    ],
  ])('%s: what holds is told', (_what, change, hasUsers, here) => {
    expect(open(change).here(hasUsers)).toMatchObject(here);
  });

  test('where no group bounds processes, the user of the instance does, if it has one', () => {
    expect(open({ trees: [] }).prepare('anna', limits, true)?.userProcesses).toBe(256);
    expect(open({ trees: [] }).prepare('anna', limits, false)).toEqual({ entrances: [], openFiles: 8192, fileBytes: 1000 });
    expect(open({ tryStart: () => false }).prepare('anna', limits, true)).toBeUndefined();
  });
});
