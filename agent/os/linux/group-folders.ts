import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InstanceLimits } from '../limits.ts';
import { groupValues } from './group-values.ts';
import type { GroupTree } from './group-trees.ts';
import { readProc } from './proc.ts';

/** Groups are folders of a file system of the kernel's own: what is read and written here never touches a disk. */

export const isGroup = (group: string): boolean => existsSync(join(group, 'cgroup.procs'));

/** Process ids in a group itself; 0 stands for one of another container. Empty when it is gone. */
export function idsIn(group: string): number[] {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'utf8')
      .split('\n')
      .map(Number)
      .filter((id) => id > 0);
  } catch {
    return [];
  }
}

/** The names of the groups in a group. */
export function groupsIn(group: string): string[] {
  try {
    return readdirSync(group, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  } catch {
    return [];
  }
}

/** Takes a group away; false when something is in it. Absent is fine. */
export function takeAway(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return !existsSync(group);
  }
}

/** The number behind a word of a file of a group; 0 where there is none. */
export function counted(path: string, word: string): number {
  try {
    return Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Lets groups below have the controllers of the tree. Throws when the system refuses, as where processes are in the group itself. */
function letBelow(group: string, { controllers }: GroupTree): void {
  const path = join(group, 'cgroup.subtree_control');
  const has = (readProc(path) ?? '').trim().split(' ');
  const wanted = controllers.filter((controller) => !has.includes(controller));
  if (wanted.length > 0) writeFileSync(path, wanted.map((controller) => `+${controller}`).join(' '));
}

/** Makes the group of an agent. Throws when the system refuses. */
export function makeAgentGroup(group: string, tree: GroupTree): void {
  const above = dirname(group);
  if (tree.version === 1) {
    mkdirSync(group, { recursive: true });
    return;
  }
  letBelow(above, tree);
  mkdirSync(group, { recursive: true });
  letBelow(group, tree);
}

/** Tells a group its limits. Throws when the system refuses one. */
export function tellLimits(group: string, { version, controllers }: GroupTree, limits: InstanceLimits, cores: number): void {
  for (const { file, value, mayLack } of controllers.flatMap((controller) => groupValues(version, controller, limits, cores))) {
    const path = join(group, file);
    if (mayLack === true && !existsSync(path)) continue;
    writeFileSync(path, value);
  }
}
