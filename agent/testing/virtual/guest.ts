import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../test-agent.ts';
import { journal, openUnitAgent, run, type UnitAgent } from './agent-unit.ts';
import type { Reports } from './reports.ts';

/**
 * Runs in the virtual machine, as root, under its systemd: agents as services, and what holds there. It only looks; who booted the machine compares.
 * Each report is one line of the second serial port.
 */
const patienceMs = 150_000;
const user = { name: 'farm', id: 1500 };
const tree = '/sys/fs/cgroup';
const beganMs = performance.now();
const tell = <Name extends keyof Reports>(name: Name, report: Reports[Name]): void =>
  void process.stdout.write(`REPORT ${JSON.stringify({ name, report, atSeconds: Math.round((performance.now() - beganMs) / 1000) })}\n`);

const read = (...path: readonly string[]): string => {
  try {
    return readFileSync(join(...path), 'utf8').trim();
  } catch {
    return 'absent';
  }
};
const field = (processId: number, name: string): string =>
  new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(read('/proc', String(processId), 'status'))?.[1] ?? 'absent';
const processIds = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);
const groupOf = (processId: number): string => join(tree, read('/proc', String(processId), 'cgroup').replace('0::', ''));
const groupsBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name.startsWith('farmstead-') && entry.name !== 'farmstead-agent'
      ? join(entry.parentPath, entry.name)
      : [],
  );
const values = (group: string) => ({
  memoryMax: read(group, 'memory.max'),
  memorySwapMax: read(group, 'memory.swap.max'),
  memoryOomGroup: read(group, 'memory.oom.group'),
  pidsMax: read(group, 'pids.max'),
  cpuMax: read(group, 'cpu.max'),
  cpuWeight: read(group, 'cpu.weight'),
});
const idOf = async (agent: UnitAgent, instanceId: string): Promise<number> => {
  const { process: now } = await agent.describe(instanceId);
  return now.state === 'running' ? now.processId : 0;
};
/** As long as it does not come, what was seen last. */
const until = <T>(look: () => Promise<T> | T, isGood: (seen: T) => boolean): Promise<T> => eventually(look, isGood, patienceMs);

async function started(agent: UnitAgent) {
  const processId = await idOf(agent, 'anna');
  const group = groupOf(processId);
  const { bounds, isolation } = (await agent.signs()) ?? {};
  return { group, values: values(group), userId: Number(field(processId, 'Uid')), bounds, isolation: isolation?.state };
}

async function hog(agent: UnitAgent) {
  void agent.ask('anna', '/eat').catch(() => undefined);
  // It is begun again a second later: what stays is its log.
  const ended = /ended exit=(\S+)/;
  const log = await until(
    () => agent.log('anna'),
    (text) => ended.test(text),
  );
  await until(
    () => idOf(agent, 'anna'),
    (id) => id !== 0,
  );
  return { exitCode: ended.exec(log)?.[1] ?? '', log };
}

async function bomb(agent: UnitAgent) {
  const group = groupOf(await idOf(agent, 'anna'));
  void agent.ask('anna', '/fork').catch(() => undefined);
  const most = await until(
    () => Number(read(group, 'pids.current')),
    (count) => count >= 240,
  );
  await until(
    () => Number(/\d+/.exec(read(group, 'pids.events'))?.[0]),
    (refused) => refused > 0,
  );
  const askedMs = performance.now();
  const isNeighbourServed = (await agent.ask('bella', '/')) === 'ok';
  const now = Number(read(group, 'pids.current'));
  await agent.again('anna');
  return { most: Math.max(most, now), isNeighbourServed, neighbourMs: Math.round(performance.now() - askedMs) };
}

/** The agent is followed by another, as after an upgrade, while its instances run on. */
async function successor(agent: UnitAgent, instanceIds: readonly string[] = ['anna', 'bella']) {
  const ids = (): Promise<number[]> => Promise.all(instanceIds.map((instanceId) => idOf(agent, instanceId)));
  const before = await ids();
  const error = await agent.restart().then(
    () => '',
    (cause: unknown) => `${String(cause)}\n${journal()}`,
  );
  if (error !== '') return { isSame: false, waiting: -1, error };
  const after = await ids();
  return { isSame: before.join() === after.join() && !after.includes(0), waiting: (await agent.signs())?.bounds?.waiting ?? -1, error };
}

/** With everything that it started still running. */
async function removal(agent: UnitAgent, userId: number | undefined) {
  const group = groupOf(await idOf(agent, 'anna'));
  await agent.ask('anna', '/leave');
  void agent.ask('anna', '/fork').catch(() => undefined);
  await until(
    () => Number(read(group, 'pids.current')),
    (count) => count >= 100,
  );
  const members = read(group, 'cgroup.procs').split('\n').map(Number);
  await agent.remove('anna');
  const remains = await agent.remains('anna');
  const left = {
    members: members.filter((id) => existsSync(`/proc/${id}`)).length,
    ofUser: processIds().filter((id) => Number(field(id, 'Uid')) === userId).length,
    said: remains.processIds.length,
    hasGroup: existsSync(group),
  };
  await agent.remove('bella');
  return { had: members.length, left };
}

async function asRoot(): Promise<void> {
  const agent = await openUnitAgent({ name: 'farm-root', lines: [] });
  await agent.put('anna');
  const { port } = await agent.put('bella');
  const first = await started(agent);
  tell('root.started', first);
  const reached = await agent.ask('anna', `/reach?${port}`);
  const edges = processIds().filter((id) => read('/proc', String(id), 'cmdline').includes('edge'));
  const workers = edges.map((id) => ({
    userId: Number(field(id, 'Uid')),
    capabilities: `${field(id, 'CapEff')} ${field(id, 'CapBnd')}`,
    noNewPrivileges: field(id, 'NoNewPrivs'),
  }));
  tell('root.strangers', { reached, reachedItself: await agent.ask('bella', `/reach?${port}`), edge: workers });
  tell('root.hog', await hog(agent));
  tell('root.bomb', await bomb(agent));
  tell('root.successor', await successor(agent));
  // systemd looks at what it gives on to groups again, and gives the cores back when nothing of its own asks for them.
  run('systemd-run', '--wait', '--property=CPUQuota=50%', '/bin/true');
  run('systemctl', 'daemon-reload');
  run('systemctl', 'daemon-reexec');
  tell('root.reloaded', { values: values(groupOf(await idOf(agent, 'anna'))) });
  tell('root.removed', await removal(agent, first.userId));
  agent.stop();
  tell('root.stopped', { groups: groupsBelow(tree) });
  run('systemctl', 'kill', '--signal=SIGKILL', '--kill-whom=all', 'farm-root');
}

/** A service of the system that runs as the user, in a slice that is given to it. */
const slice = join(tree, 'farm.slice');
const givenSlice = [
  ...[`User=${user.name}`, 'Slice=farm.slice', 'CPUWeight=100'],
  `ExecStartPre=+/bin/chown ${[user.name, slice, join(slice, 'cgroup.procs'), join(slice, 'cgroup.subtree_control')].join(' ')}`,
];

async function asUser(name: 'slice' | 'manager'): Promise<void> {
  const asManager = {
    systemctl: [
      'setpriv',
      `--reuid=${user.id}`,
      `--regid=${user.id}`,
      '--clear-groups',
      'env',
      `XDG_RUNTIME_DIR=/run/user/${user.id}`,
    ].concat('systemctl', '--user'),
    unitFolder: `/run/user/${user.id}/systemd/user`,
  };
  if (name === 'manager') run('systemctl', 'start', `user@${user.id}`);
  const more = name === 'manager' ? asManager : {};
  const agent = await openUnitAgent({ name: `farm-${name}`, lines: name === 'manager' ? [] : givenSlice, userId: user.id, ...more });
  await agent.put('anna');
  await agent.put('bella');
  tell(`${name}.started`, await started(agent));
  tell(`${name}.hog`, await hog(agent));
  tell(`${name}.bomb`, await bomb(agent));
  tell(`${name}.successor`, await successor(agent));
  tell(`${name}.removed`, await removal(agent, undefined));
  agent.stop();
  tell(`${name}.stopped`, { groups: groupsBelow(tree) });
}

/** In no group that was given to it, or only in that of its service: there no next agent could start while instances run in groups below. */
async function asUserWithout(name: 'plain' | 'top'): Promise<void> {
  const lines = name === 'top' ? ['Delegate=yes'] : [];
  const agent = await openUnitAgent({ name: `farm-${name}`, lines: [`User=${user.name}`, ...lines], userId: user.id });
  await agent.put('anna');
  tell(`${name}.started`, await started(agent));
  tell(`${name}.successor`, await successor(agent, ['anna']));
  await agent.remove('anna');
  agent.stop();
}

async function tellAll(): Promise<void> {
  tell('machine', {
    kernel: read('/proc/sys/kernel/osrelease'),
    systemd: run('systemctl', '--version').split('\n')[0] ?? '',
    isUnified: existsSync(join(tree, 'cgroup.controllers')),
    controllers: read(tree, 'cgroup.controllers'),
  });
  const acts = [asRoot, () => asUser('slice'), () => asUser('manager'), () => asUserWithout('plain'), () => asUserWithout('top')];
  for (const act of acts)
    await act().catch((error: unknown) =>
      tell('failed', { what: `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${journal()}` }),
    );
  tell('end', {});
}

void tellAll();
