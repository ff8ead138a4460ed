import * as z from 'zod';

/** The parts of a package-lock.json (version 2 or 3) that decide whether a tree is whole and the same everywhere. */
const lockShape = z.object({
  lockfileVersion: z.number().int().min(2).max(3),
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      inBundle: z.boolean().optional(),
      dev: z.boolean().optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      libc: z.unknown().optional(),
    }),
  ),
});

export type LockReading = { readonly state: 'good'; readonly isPortable: boolean } | { readonly state: 'bad'; readonly problem: string };

/** Every package must carry its integrity, or npm would take whatever it is given. `isPortable`: the tree is the same on every platform. */
export function readLock(text: string): LockReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { state: 'bad', problem: 'package-lock.json is no JSON' };
  }
  const lock = lockShape.safeParse(json);
  if (!lock.success) return { state: 'bad', problem: `package-lock.json: ${lock.error.issues[0]?.path.join('.') ?? 'shape'}` };
  const packages = Object.entries(lock.data.packages).filter(([name, entry]) => name !== '' && entry.dev !== true);
  const open = packages.find(([, entry]) => entry.link === true || (entry.integrity === undefined && entry.inBundle !== true));
  if (open !== undefined) return { state: 'bad', problem: `${open[0]} has no integrity in package-lock.json` };
  const isPortable = packages.every(([, { os, cpu, libc }]) => os === undefined && cpu === undefined && libc === undefined);
  return { state: 'good', isPortable };
}
