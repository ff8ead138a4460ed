import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostOs } from './os/host-os.ts';
import { passableRuntime } from './passable-runtime.ts';
import type { AgentFolders } from './ports.ts';
import { foldersOf, prepareHome } from './state/home.ts';

export type OpenedHome = {
  readonly folders: AgentFolders;
  /** The Node that runs packages. */
  readonly runtime: string;
  /** What users of instances must be able to pass, beside the folders that the agent opens itself. */
  readonly paths: readonly string[];
};

/** `elsewhere` is for new homes: instances stay where they were made. */
async function placed(home: string, elsewhere: string | undefined): Promise<AgentFolders> {
  const inHome = foldersOf(home);
  if (elsewhere === undefined) return inHome;
  const made = await readdir(join(inHome.home, 'instances')).catch(() => []);
  return made.length > 0 ? inHome : foldersOf(home, elsewhere);
}

/** Makes the folders of a home; what instances need lies in it or in `elsewhere`. May be called while instances run. */
export async function openHome(os: HostOs, home: string, elsewhere: string | undefined): Promise<OpenedHome> {
  const folders = await placed(home, elsewhere);
  const above = dirname(folders.open);
  await prepareHome(folders, os, isPassable(os, above));
  const runtime = await passableRuntime(os, folders, process.execPath);
  return { folders, runtime, paths: [above, runtime] };
}

/** A folder that is not there yet will be the agent's own. */
function isPassable(os: HostOs, path: string): boolean {
  try {
    return os.isolation([path]).state === 'own';
  } catch {
    return isPassable(os, dirname(path));
  }
}
