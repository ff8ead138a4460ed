import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '#contract/errors.ts';
import type { HostOs, ProcessIdentity, ProcessUsage, SpawnRequest, Spawned } from '../host-os.ts';
import type { HostUser } from '../identity.ts';
import { openEntrances, shell, startScript } from './limited-start.ts';
import { allLiveStats, allProcessIds, liveStat, parseUserId, type ProcStat, readBootId, readProc, startMarkOf } from './proc.ts';

const markerName = 'FARM_PROCESS';
const pageBytes = 4096;
const killWaitMs = 5000;

const identityOf = (stat: ProcStat): ProcessIdentity => ({ processId: stat.processId, startMark: startMarkOf(stat) });

export function identify(processId: number): ProcessIdentity | undefined {
  const stat = liveStat(processId);
  return stat === undefined ? undefined : identityOf(stat);
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identity.processId > 0 && identify(identity.processId)?.startMark === identity.startMark;
}

function signal(processId: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(processId, name);
  } catch {
    // gone meanwhile: that is what was wanted
  }
}

/** Program and arguments; a start with limits goes through a shell that takes them on and then becomes the program. */
function commandOf({ program, args, limits }: SpawnRequest): readonly [program: string, args: readonly string[]] {
  if (limits === undefined) return [program, args];
  try {
    accessSync(program, constants.X_OK);
  } catch (cause) {
    throw new FarmError('NOT_PERMITTED_BY_OS', { what: program }, { cause });
  }
  return [shell, ['-c', startScript(limits), 'sh', program, ...args]];
}

async function spawnDetached(request: SpawnRequest): Promise<Spawned> {
  const [program, args] = commandOf(request);
  const out = openSync(request.outPath, 'a', 0o600);
  const error = openSync(request.errorPath, 'a', 0o600);
  let entrances: number[] = [];
  try {
    entrances = request.limits === undefined ? [] : openEntrances(request.limits);
    const child = spawn(program, [...args], {
      cwd: request.folder,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        HOME: request.folder,
        ...request.environment,
        // Last: by it the instance's processes are found again, and nothing that a package says takes its place.
        [markerName]: request.marker,
      },
      detached: true,
      stdio: ['ignore', out, error, ...entrances],
      ...(request.user === undefined ? {} : { uid: request.user.userId, gid: request.user.userId }),
    });
    const exited = new Promise<{ exitCode: string }>((resolve) => {
      child.once('exit', (code, name) => resolve({ exitCode: name ?? String(code ?? '') }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(new FarmError('NOT_PERMITTED_BY_OS', { what: request.program }, { cause })));
    });
    child.on('error', () => undefined);
    child.unref();
    const processId = child.pid ?? 0;
    return { identity: identify(processId) ?? { processId, startMark: `${readBootId()}/gone` }, exited };
  } finally {
    for (const descriptor of [out, error, ...entrances]) closeSync(descriptor);
  }
}

/**
 * The process, its session and all descendants. When the leader is gone its number may have led another session since: then only members that
 * carry our marker are taken.
 */
function membersOf(processId: number, isLeaderGone: boolean): ProcessIdentity[] {
  const stats = allLiveStats();
  const members = new Map<number, ProcStat>();
  for (const stat of stats) {
    if (stat.processId !== processId && stat.sessionId !== processId) continue;
    if (isLeaderGone && readProc(`/proc/${stat.processId}/environ`)?.includes(`${markerName}=`) !== true) continue;
    members.set(stat.processId, stat);
  }
  for (let found = true; found; ) {
    found = false;
    for (const stat of stats) {
      if (members.has(stat.processId) || !members.has(stat.parentId)) continue;
      members.set(stat.processId, stat);
      found = true;
    }
  }
  return [...members.values()].map(identityOf);
}

/** `other`: its number has a new owner, or the machine was started anew since. */
function leaderOf(identity: ProcessIdentity): 'alive' | 'gone' | 'other' {
  const now = identify(identity.processId);
  if (identity.processId <= 1 || (now !== undefined && now.startMark !== identity.startMark)) return 'other';
  if (now !== undefined) return 'alive';
  return identity.startMark.startsWith(`${readBootId()}/`) ? 'gone' : 'other';
}

/** What belongs to a process by session and descent; a session outlives its leader. */
export function familyOf(identity: ProcessIdentity): ProcessIdentity[] {
  const leader = leaderOf(identity);
  return leader === 'other' ? [] : membersOf(identity.processId, leader === 'gone');
}

async function killTree(identity: ProcessIdentity): Promise<void> {
  const leader = leaderOf(identity);
  if (leader === 'other') return;
  const deadline = performance.now() + killWaitMs;
  for (;;) {
    const members = membersOf(identity.processId, leader === 'gone');
    if (members.length === 0 || performance.now() > deadline) return;
    for (const member of members) signal(member.processId, 'SIGKILL');
    await delay(10);
  }
}

async function killAlone(identity: ProcessIdentity): Promise<void> {
  for (const deadline = performance.now() + killWaitMs; isAlive(identity) && performance.now() < deadline; await delay(10))
    signal(identity.processId, 'SIGKILL');
}

function findMarked(agentKey: string): Map<string, ProcessIdentity[]> {
  const found = new Map<string, ProcessIdentity[]>();
  const start = `${markerName}=${agentKey}:`;
  for (const processId of allProcessIds()) {
    const environment = readProc(`/proc/${processId}/environ`);
    if (environment === undefined || !environment.includes(start)) continue;
    const value = environment.split('\0').find((entry) => entry.startsWith(start));
    const stat = liveStat(processId);
    if (value === undefined || stat === undefined) continue;
    const instanceId = value.slice(start.length);
    found.set(instanceId, [...(found.get(instanceId) ?? []), identityOf(stat)]);
  }
  return found;
}

export function processesOf(user: HostUser): ProcessIdentity[] {
  return allLiveStats()
    .filter((stat) => {
      const status = readProc(`/proc/${stat.processId}/status`);
      return status !== undefined && parseUserId(status) === user.userId;
    })
    .map(identityOf);
}

function isBelow(link: string, folder: string): boolean {
  try {
    const target = readlinkSync(link);
    return target === folder || target.startsWith(`${folder}/`);
  } catch {
    // gone meanwhile, or not ours to read
    return false;
  }
}

function holds(processId: number, folder: string): boolean {
  const own = `/proc/${processId}`;
  if (['cwd', 'root', 'exe'].some((name) => isBelow(`${own}/${name}`, folder))) return true;
  try {
    return readdirSync(`${own}/fd`).some((entry) => isBelow(`${own}/fd/${entry}`, folder));
  } catch {
    return false;
  }
}

function holdersOf(folder: string): ProcessIdentity[] {
  const mine = process.geteuid?.();
  return allLiveStats()
    .filter(({ processId, terminal }) => {
      if (terminal !== 0 || processId === process.pid) return false;
      return parseUserId(readProc(`/proc/${processId}/status`) ?? '') === mine && holds(processId, folder);
    })
    .map(identityOf);
}

/** Children by /proc/<pid>/task/<pid>/children: one small read per process instead of the whole table. */
function usageBelow(processId: number, depth: number): ProcessUsage | undefined {
  const stat = liveStat(processId);
  if (stat === undefined) return undefined;
  const pages = Number(readProc(`/proc/${processId}/statm`)?.split(' ')[1] ?? 0);
  let { cpuMs } = stat;
  let memoryBytes = pages * pageBytes;
  const children = depth > 8 ? '' : (readProc(`/proc/${processId}/task/${processId}/children`) ?? '');
  for (const child of children.split(' ')) {
    if (child === '') continue;
    const below = usageBelow(Number(child), depth + 1);
    cpuMs += below?.cpuMs ?? 0;
    memoryBytes += below?.memoryBytes ?? 0;
  }
  return { cpuMs, memoryBytes };
}

/** rchar and wchar count what went through read and write, sockets included (proc(5), /proc/<pid>/io). */
function transfer(identity: ProcessIdentity): { inBytes: number; outBytes: number } | undefined {
  const text = isAlive(identity) ? readProc(`/proc/${identity.processId}/io`) : undefined;
  const inBytes = /^rchar: (\d+)/m.exec(text ?? '')?.[1];
  const outBytes = /^wchar: (\d+)/m.exec(text ?? '')?.[1];
  return inBytes === undefined || outBytes === undefined ? undefined : { inBytes: Number(inBytes), outBytes: Number(outBytes) };
}

function sessionSizes(): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const { sessionId } of allLiveStats()) sizes.set(sessionId, (sizes.get(sessionId) ?? 0) + 1);
  return sizes;
}

export const linuxProcesses = {
  spawnDetached,
  identify,
  isAlive,
  terminate: (identity) => {
    if (isAlive(identity)) signal(identity.processId, 'SIGTERM');
  },
  killTree,
  killAlone,
  findMarked,
  holdersOf,
  usage: (identity) => (isAlive(identity) ? usageBelow(identity.processId, 0) : undefined),
  sessionSizes,
  transfer,
} satisfies Partial<HostOs>;

/** The name of a process as people know it: the script of a Node process, else the program. */
export function programName(processId: number): string {
  try {
    const args = readFileSync(`/proc/${processId}/cmdline`, 'utf8').split('\0');
    return args[0] === undefined || args[0] === ''
      ? (liveStat(processId)?.name ?? '')
      : (realpathSync(`/proc/${processId}/exe`).split('/').at(-1) ?? '');
  } catch {
    return liveStat(processId)?.name ?? '';
  }
}
