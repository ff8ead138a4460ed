import { readProc } from './proc.ts';

/** What of an instance a group bounds. */
export const controllers = ['memory', 'pids', 'cpu'] as const;
export type Controller = (typeof controllers)[number];

/** One tree of groups that bounds something: of version 1 one for each controller, or few; of version 2 one for all. */
export type GroupTree = {
  readonly version: 1 | 2;
  /** Where it is mounted. */
  readonly path: string;
  readonly controllers: readonly Controller[];
};

/** What a group of version 2 may give on. */
export const readControllers = (path: string): string => readProc(`${path}/cgroup.controllers`) ?? '';

type Mount = { readonly path: string; readonly kind: string; readonly options: readonly string[] };

/** Lines of /proc/self/mountinfo (proc(5)): `36 35 0:31 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory`. Spaces are `\040`. */
function mountsOf(mountInfo: string): Mount[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const path = before.split(' ')[4];
    const [kind, , options] = after.split(' ');
    if (path === undefined || kind === undefined || options === undefined) return [];
    return { path: path.replaceAll('\\040', ' '), kind, options: options.split(',') };
  });
}

/**
 * The trees that bound something here (cgroups(7)): each controller by version 1 where that has it mounted, as then version 2 lacks it; else by version 2.
 * `controllersOf` reads what a tree of version 2 has.
 */
export function findTrees(mountInfo: string, controllersOf: (path: string) => string = readControllers): GroupTree[] {
  const mounts = mountsOf(mountInfo);
  const trees = new Map<string, GroupTree>();
  for (const controller of controllers) {
    const first = mounts.find(({ kind, options }) => kind === 'cgroup' && options.includes(controller));
    const second = mounts.find(({ kind, path }) => kind === 'cgroup2' && controllersOf(path).trim().split(' ').includes(controller));
    const mount = first ?? second;
    if (mount === undefined) continue;
    const known = trees.get(mount.path)?.controllers ?? [];
    trees.set(mount.path, { version: mount === first ? 1 : 2, path: mount.path, controllers: [...known, controller] });
  }
  return [...trees.values()];
}
