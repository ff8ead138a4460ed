import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from '../host-os.ts';
import type { HostLimits, InstanceLimits, LimitGroups, LimitsHere, OnRefused, StartLimits } from '../limits.ts';
import { counted, groupsIn, idsIn, isGroup, makeAgentGroup, takeAway, tellLimits } from './group-folders.ts';
import { type Controller, findTrees, type GroupTree, readControllers } from './group-trees.ts';
import { openEntrances, shell, startScript } from './limited-start.ts';
import { readProc } from './proc.ts';
import { identify } from './processes.ts';

const prefix = 'farmstead-';
const mostWaitMs = 5000;
const roundMs = 10;
/** An empty group of another agent's may be one that it makes right now. */
const abandonedMs = 60_000;
/** In the groups of a trial there is room for a shell. */
const trial: InstanceLimits = { memoryBytes: 64 * 2 ** 20, cpuMillicores: 100, processes: 16, openFiles: 64, fileBytes: 2 ** 20 };
const nobody = 65_534;

/** What of the system the groups stand on; the tests have a tree of their own. */
export type GroupRoots = {
  readonly trees: readonly GroupTree[];
  readonly isRoot: boolean;
  /** The group, by its tree of version 2, that was given to the agent's user for groups of its own; else undefined. */
  readonly given?: string | undefined;
  readonly cores: number;
  /** Starts a shell that takes on these limits; did it? */
  readonly tryStart: (start: StartLimits) => boolean;
};

function tryStart(start: StartLimits): boolean {
  try {
    const entrances = openEntrances(start);
    const user = process.geteuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    const { status } = spawnSync(shell, ['-c', startScript(start), 'sh', shell, '-c', ':'], {
      ...user,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', ...entrances],
      timeout: mostWaitMs,
    });
    for (const descriptor of entrances) closeSync(descriptor);
    return status === 0;
  } catch {
    return false;
  }
}

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * A group that was given to this ordinary user, for its own groups: the one that its service is in, as under a user's own systemd; or the service's, where
 * the agent is in a group below it (DelegateSubgroup= of systemd 254). Never one that the agent itself is in: where controllers are given on no process may
 * be, so that no next agent could be started while instances run (status=219/CGROUP). `own`: of /proc/self/cgroup. https://systemd.io/CGROUP_DELEGATION/
 */
export function givenGroup(own: string, trees: readonly GroupTree[], mayWrite = isWritable): string | undefined {
  const service = /^0::(.*[.]service)(\/.*)?$/m.exec(own);
  const second = trees.find(({ version }) => version === 2);
  if (service?.[1] === undefined || second === undefined) return undefined;
  const group = join(second.path, service[1]);
  const candidates = [dirname(group), ...(service[2] === undefined ? [] : [group])];
  return candidates.find((path) => [path, join(path, 'cgroup.procs'), join(path, 'cgroup.subtree_control')].every(mayWrite));
}

/** Not every controller has to be given to a user. */
export function givenTrees(trees: readonly GroupTree[], given: string, controllersOf = readControllers): GroupTree[] {
  const has = controllersOf(given).trim().split(' ');
  return trees.flatMap((tree) => {
    const controllers = tree.controllers.filter((controller) => has.includes(controller));
    return tree.version === 2 && controllers.length > 0 ? { ...tree, controllers } : [];
  });
}

export function realRoots(): GroupRoots {
  const trees = findTrees(readProc('/proc/self/mountinfo') ?? '');
  const isRoot = process.geteuid?.() === 0;
  const given = isRoot ? undefined : givenGroup(readProc('/proc/self/cgroup') ?? '', trees);
  return { trees: given === undefined ? trees : givenTrees(trees, given), isRoot, given, cores: availableParallelism(), tryStart };
}

const trialStart = (entrances: readonly string[]): StartLimits => ({ entrances, openFiles: trial.openFiles, fileBytes: trial.fileBytes });
const saidBy = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

type Group = { readonly tree: GroupTree; readonly path: string };

/** The groups of one agent: in each tree one of its own, and below it one for each instance. */
class AgentGroups implements LimitGroups {
  readonly #roots: GroupRoots;
  readonly #name: string;
  /** Trees that work: tried once, with a process. */
  readonly #trees: readonly GroupTree[];
  readonly #canStart: boolean;
  readonly #onRefused: OnRefused;
  #isRefused = false;

  constructor(agentKey: string, roots: GroupRoots, onRefused: OnRefused) {
    this.#onRefused = onRefused;
    this.#roots = roots;
    this.#name = `${prefix}${agentKey}`;
    // Most often all of them work: one process tells that.
    const all = roots.trees.length > 0 && this.#work(roots.trees);
    this.#canStart = all || roots.tryStart(trialStart([]));
    this.#trees = all ? roots.trees : this.#canStart ? roots.trees.filter((tree) => this.#work([tree], this.#onRefused)) : [];
    this.#isRefused = this.#canStart && this.#mayMake && this.#trees.length < roots.trees.length;
  }

  #agentGroup(tree: GroupTree): string {
    return join((tree.version === 2 ? this.#roots.given : undefined) ?? tree.path, this.#name);
  }

  #groupsOf(instanceId: string): readonly Group[] {
    // A name of ours, and no way out of the folder.
    if (!/^[\w-][\w.-]*$/.test(instanceId)) return [];
    return this.#trees.map((tree) => ({ tree, path: join(this.#agentGroup(tree), instanceId) }));
  }

  /** May this user make groups here at all? */
  get #mayMake(): boolean {
    return this.#roots.isRoot || this.#roots.given !== undefined;
  }

  /** Can groups be made in these trees, and does a process come into them? */
  #work(trees: readonly GroupTree[], onRefused: OnRefused = () => undefined): boolean {
    if (!this.#mayMake) return false;
    const groups = trees.map((tree) => ({ tree, path: join(this.#agentGroup(tree), '.trial') }));
    try {
      for (const group of groups) this.#make(group, trial);
      const isIn = this.#roots.tryStart(trialStart(groups.map(({ path }) => join(path, 'cgroup.procs'))));
      if (!isIn) onRefused(groups[0]?.path ?? '', 'no process came in');
      return isIn;
    } catch (error) {
      onRefused(groups[0]?.path ?? '', saidBy(error));
      return false;
    } finally {
      for (const { path } of groups) {
        takeAway(path);
        takeAway(dirname(path));
      }
    }
  }

  #make({ tree, path }: Group, limits: InstanceLimits): void {
    makeAgentGroup(dirname(path), tree);
    // Made afresh, so that what it counts begins at zero; one that is not empty stays as it is.
    takeAway(path);
    mkdirSync(path, { recursive: true });
    tellLimits(path, tree, limits, this.#roots.cores);
  }

  #refused(path: string, cause: unknown): void {
    this.#isRefused = true;
    this.#onRefused(path, saidBy(cause));
  }

  #isKept(controller: Controller): boolean {
    return this.#trees.some(({ controllers }) => controllers.includes(controller));
  }

  here(hasUsers: boolean): LimitsHere {
    const memory = this.#isKept('memory') ? 'kept' : 'watched';
    const processes = this.#isKept('pids') || (hasUsers && this.#canStart) ? 'kept' : 'watched';
    const cpu = this.#isKept('cpu') ? 'kept' : 'none';
    const files = this.#canStart ? 'kept' : 'none';
    const isWhole = memory === 'kept' && processes === 'kept' && cpu === 'kept' && files === 'kept';
    const why = this.#isRefused ? 'refused' : this.#mayMake ? 'noGroups' : 'notRoot';
    return { memory, processes, cpu, files, reason: isWhole ? 'none' : why };
  }

  prepare(instanceId: string, limits: InstanceLimits, hasUser: boolean): StartLimits | undefined {
    if (!this.#canStart) return undefined;
    const entrances: string[] = [];
    for (const group of this.#groupsOf(instanceId)) {
      try {
        this.#make(group, limits);
        entrances.push(join(group.path, 'cgroup.procs'));
      } catch (error) {
        this.#refused(group.path, error);
      }
    }
    const { openFiles, fileBytes, processes } = limits;
    return { entrances, openFiles, fileBytes, ...(hasUser && !this.#isKept('pids') ? { userProcesses: processes } : {}) };
  }

  change(instanceId: string, limits: InstanceLimits): boolean {
    let isWhole = true;
    for (const { tree, path } of this.#groupsOf(instanceId)) {
      try {
        // Version 2 ends what is above a new limit, and version 1 refuses such a one.
        const used = tree.controllers.includes('memory') ? counted(join(path, 'memory.stat'), 'anon') : 0;
        if (used >= limits.memoryBytes) isWhole = false;
        else tellLimits(path, tree, limits, this.#roots.cores);
      } catch {
        isWhole = false;
      }
    }
    return isWhole;
  }

  holds(instanceId: string, { processId }: ProcessIdentity): boolean {
    return this.#groupsOf(instanceId).every(({ path }) => idsIn(path).includes(processId));
  }

  membersOf(instanceId: string): ProcessIdentity[] {
    const ids = new Set(this.#groupsOf(instanceId).flatMap(({ path }) => idsIn(path)));
    return [...ids].flatMap((id) => identify(id) ?? []);
  }

  memoryKills(instanceId: string): number {
    const found = this.#groupsOf(instanceId).find(({ tree }) => tree.controllers.includes('memory'));
    if (found === undefined) return 0;
    return counted(join(found.path, found.tree.version === 1 ? 'memory.oom_control' : 'memory.events'), 'oom_kill');
  }

  async end(instanceId: string): Promise<void> {
    await endGroups(this.#groupsOf(instanceId));
  }

  async remove(instanceId: string): Promise<void> {
    const groups = this.#groupsOf(instanceId);
    // A process that was ended is in its group until the kernel has cleared it away.
    for (let left = 20; left > 0 && !groups.every(({ path }) => takeAway(path)); left--) await delay(roundMs);
    for (const tree of this.#trees) takeAway(this.#agentGroup(tree));
  }

  async sweep(instanceIds: ReadonlySet<string>): Promise<string[]> {
    const known = new Set(this.#trees.flatMap((tree) => groupsIn(this.#agentGroup(tree))));
    const swept = [...known].filter((name) => !instanceIds.has(name));
    for (const instanceId of swept) {
      await this.end(instanceId);
      await this.remove(instanceId);
    }
    for (const tree of this.#trees) takeAwayAbandoned(dirname(this.#agentGroup(tree)), this.#name);
    return swept;
  }
}

/** No new process begins in them, and those that are there are ended until none is left. */
async function endGroups(groups: readonly Group[]): Promise<void> {
  const deadline = performance.now() + mostWaitMs;
  for (const { path, tree } of groups) {
    // cgroup.kill (since Linux 5.14) ends all at once, also what is begun meanwhile.
    if (tree.version === 2) tell(join(path, 'cgroup.kill'), '1');
    if (tree.controllers.includes('pids')) tell(join(path, 'pids.max'), '0');
  }
  for (;;) {
    const ids = new Set(groups.flatMap(({ path }) => idsIn(path)));
    if (ids.size === 0 || performance.now() > deadline) return;
    for (const id of ids) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // gone meanwhile: that is what was wanted
      }
    }
    await delay(roundMs);
  }
}

function tell(path: string, value: string): void {
  try {
    if (isGroup(dirname(path))) writeFileSync(path, value);
  } catch {
    // an older kernel has no such file; what is in the group is ended one by one
  }
}

/** Empty groups of agents whose home is gone. The kernel takes away none that has something in it. */
function takeAwayAbandoned(above: string, own: string): void {
  for (const name of groupsIn(above)) {
    if (name === own || !new RegExp(`^${prefix}[0-9a-f]{16}$`).test(name)) continue;
    const group = join(above, name);
    for (const path of [...groupsIn(group).map((below) => join(group, below)), group]) {
      try {
        if (Date.now() - statSync(path).mtimeMs > abandonedMs) takeAway(path);
      } catch {
        // gone meanwhile
      }
    }
  }
}

/** The groups of an agent on these trees. They are tried at once, each with a process. */
export function createLimitGroups(agentKey: string, roots: GroupRoots = realRoots(), onRefused: OnRefused = () => undefined): LimitGroups {
  return new AgentGroups(agentKey, roots, onRefused);
}

export const linuxLimits = {
  limitGroups: (agentKey, onRefused) => createLimitGroups(agentKey, realRoots(), onRefused),
} satisfies HostLimits;
