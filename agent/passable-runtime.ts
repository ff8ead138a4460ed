import { chmod, copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostOs } from './os/host-os.ts';
import type { AgentFolders } from './ports.ts';

/**
 * The Node that runs packages: the agent's own (`runtime`), or the same file in a folder that users of instances may pass, where they may not come to
 * that one. Where nothing helps it is the agent's own, and nothing is started. Repeatable; versions of earlier days go.
 */
export async function passableRuntime(os: HostOs, { runtime: folder }: Pick<AgentFolders, 'runtime'>, runtime: string): Promise<string> {
  const isShutOut = (path: string): boolean => {
    const found = os.isolation([path]);
    return found.state === 'refused' && found.reason === 'closedPath';
  };
  if (!isShutOut(runtime) || isShutOut(join(folder, '..'))) return runtime;
  const name = `node-${process.version}`;
  const path = join(folder, name);
  const [own, copy] = await Promise.all([stat(runtime), stat(path).catch(() => undefined)]);
  if (copy?.size === own.size) return path;
  const fresh = join(folder, `.new-${name}`);
  await rm(fresh, { force: true });
  // One file with two names costs nothing; on another disk, or closed itself, it is copied.
  const isReadable = (own.mode & 0o005) === 0o005;
  const isLinked =
    isReadable &&
    (await link(runtime, fresh).then(
      () => true,
      () => false,
    ));
  if (!isLinked) {
    await copyFile(runtime, fresh);
    await chmod(fresh, 0o755);
  }
  await rename(fresh, path);
  for (const other of await readdir(folder)) if (other !== name) await rm(join(folder, other), { force: true });
  return path;
}
