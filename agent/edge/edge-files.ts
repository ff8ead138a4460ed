import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { type EdgeCertificate, type EdgeRoute, edgeCertificate, edgeRoute } from '#contract/agent/edge.ts';
import { isNoRoom } from '../os/host-os.ts';

/**
 * The edge's files: one per route, one per certificate with its key. The agent writes them, the edge reads them; whoever is killed, the next
 * one finds whole files. Each is written under a temporary name, synced and renamed.
 */
export type EdgePaths = {
  readonly folder: string;
  readonly routes: string;
  readonly certificates: string;
  /** Bundles by hash: what runs is never changed under it. */
  readonly bundles: string;
  /** Who listens now, and by which pipe it is told. */
  readonly running: string;
  /** Why the last start failed. */
  readonly failed: string;
  /** How many workers it has, and as which user they run. */
  readonly settings: string;
  readonly user: string;
  readonly log: string;
  /** The last friendly pages by their references. */
  readonly pages: string;
};

export function edgePaths(folder: string): EdgePaths {
  return {
    folder,
    routes: join(folder, 'routes'),
    certificates: join(folder, 'certificates'),
    bundles: join(folder, 'bundles'),
    running: join(folder, 'running.json'),
    failed: join(folder, 'failed.json'),
    settings: join(folder, 'settings.json'),
    user: join(folder, 'user.json'),
    log: join(folder, 'edge.log'),
    pages: join(folder, 'pages.jsonl'),
  };
}

const identity = z.object({ processId: z.number().int(), startMark: z.string() });

export const runningEdge = z.object({
  ...identity.shape,
  pipeSlot: z.union([z.literal(0), z.literal(1)]),
  pipe: z.string(),
  /** Every message over the pipe carries it, because a named pipe of Windows may be opened by others. */
  token: z.string(),
  startedAtMs: z.number().int(),
  version: z.string(),
  bundlePath: z.string(),
  bundleSha256: z.string(),
  httpsPort: z.number().int(),
  httpPort: z.number().int(),
  /** Acts that edges of the first days would take for a foreign word and hang up at. */
  knows: z.array(z.string()).optional(),
  /** Edges that handed over and still finish what they had begun. */
  draining: z.array(identity),
  /** Those that serve for it. They end when it does; one that hangs then has to be ended. */
  workers: z.array(identity).optional(),
});
export type RunningEdge = z.infer<typeof runningEdge>;

export const failedStart = z.object({ code: z.string() });

export const certificateFile = z.object({ certificate: edgeCertificate, keyPem: z.string() });
export type CertificateFile = z.infer<typeof certificateFile>;

const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

export function isHostName(host: string): boolean {
  return hostName.test(host);
}

/** The prefix keeps names away from those that Windows reserves (`con`, `nul`); long names go by their hash, because a file name has 255 bytes. */
const fileOf = (key: string): string => `${key.length > 200 ? createHash('sha256').update(key).digest('hex') : `at-${key}`}.json`;

export function routePath(paths: EdgePaths, host: string): string {
  return join(paths.routes, fileOf(host));
}

export function certificatePath(paths: EdgePaths, certificateId: string): string {
  return join(
    paths.certificates,
    fileOf(/^[a-zA-Z0-9-]+$/.test(certificateId) ? certificateId : Buffer.from(certificateId).toString('hex')),
  );
}

const temporaryPrefix = '.new-';

/** What is put into a folder that workers read is open to their group, which is the folder's. */
const modeIn = (folder: string): number => ((statSync(folder).mode & 0o2000) === 0 ? 0o600 : 0o640);

/** Puts a file in its place whole or not at all, closed to others. Throws `DISK_FULL` with the path. May be called twice. */
export function writeWhole(path: string, contents: string | Buffer): void {
  const folder = dirname(path);
  const temporary = join(folder, `${temporaryPrefix}${basename(path).slice(-60)}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = openSync(temporary, 'wx', 0o600);
    try {
      fchmodSync(file, modeIn(folder));
      const bytes = Buffer.from(contents as string);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(folder);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (isNoRoom(error)) throw new FarmError('DISK_FULL', { server: '', path }, { cause: error });
    throw error;
  }
}

/** Absent is fine, its folder too. */
export function removeWhole(path: string): void {
  rmSync(path, { force: true });
  syncFolder(dirname(path));
}

/** A rename is only certain when its folder is on disk too (fsync(2), notes); Windows cannot open folders and needs no such call. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (isNoRoom(error)) throw error;
  }
}

export type ReadFile<T> = { readonly state: 'absent' } | { readonly state: 'torn' } | { readonly state: 'good'; readonly value: T };

/** A file that is there and cannot be understood is `torn`, never an exception: one bad file must not take the others down. */
export function readWhole<T>(path: string, schema: z.ZodType<T>): ReadFile<T> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { state: error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'absent' : 'torn' };
  }
  try {
    return { state: 'good', value: schema.parse(JSON.parse(text)) };
  } catch {
    return { state: 'torn' };
  }
}

function readAll<T>(folder: string, schema: z.ZodType<T>): { readonly good: T[]; readonly torn: string[] } {
  const good: T[] = [];
  const torn: string[] = [];
  let names: string[] = [];
  try {
    names = readdirSync(folder).sort();
  } catch {
    // no folder yet: nothing was ever put
  }
  for (const name of names) {
    if (!name.endsWith('.json') || name.startsWith('.')) continue;
    const read = readWhole(join(folder, name), schema);
    if (read.state === 'good') good.push(read.value);
    if (read.state === 'torn') torn.push(join(folder, name));
  }
  return { good, torn };
}

export function readRoutes(paths: EdgePaths): { readonly good: EdgeRoute[]; readonly torn: string[] } {
  return readAll(paths.routes, edgeRoute);
}

export function readCertificates(paths: EdgePaths): { readonly good: CertificateFile[]; readonly torn: string[] } {
  return readAll(paths.certificates, certificateFile);
}

export function readRunning(paths: EdgePaths): RunningEdge | undefined {
  const read = readWhole(paths.running, runningEdge);
  return read.state === 'good' ? read.value : undefined;
}

function sweep(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.startsWith(temporaryPrefix)) rmSync(join(folder, name), { force: true });
}

/** Removes what a killed write of the agent left. Only the agent calls it; an edge never writes there. */
export function sweepTemporary(paths: EdgePaths): void {
  for (const folder of [paths.routes, paths.certificates, paths.bundles]) sweep(folder);
}

/** The same where edges say who runs. Only for who has seen that none does: the half file of a living edge is no remainder, and it would not come up. */
export function sweepAfterEdge(paths: EdgePaths): void {
  sweep(paths.folder);
}

export const publicPart = ({ certificate }: CertificateFile): EdgeCertificate => certificate;
