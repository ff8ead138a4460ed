import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FarmError } from '#contract/errors.ts';
import { errorCode } from '#kit/node/whole-file.ts';
import type { AgentProgram } from '../agent-program.ts';
import { fileError } from '../../shared/files.ts';

/** A file of the program: where the installation has it, and what it must be in the copy. */
export type ProgramFile = {
  /** Folder and name below the copy's folder. */
  readonly place: readonly [folder: 'agent' | 'bin', name: string];
  readonly from: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

export type ProgramContents = {
  /** `<version>-<hash8>`: a changed build of the same version has another one. */
  readonly folderName: string;
  readonly files: readonly ProgramFile[];
};

/** Files up to this size are compared by content at each start, larger ones (Node) by size alone. */
const smallBytes = 8 * 1024 * 1024;

/** SHA-256 of a file's content, in hexadecimal digits. Throws what reading throws. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The hash that the build wrote beside a file (`<name>.sha256`, as sha256sum(1) writes it); undefined when there is none. */
async function statedHash(path: string): Promise<string | undefined> {
  try {
    return /^[0-9a-f]{64}(?=\s)/.exec(await readFile(`${path}.sha256`, 'utf8'))?.[0];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function describe(from: string, folder: 'agent' | 'bin'): Promise<ProgramFile> {
  const { size: sizeBytes } = await stat(from);
  const stated = await statedHash(from);
  // Of Node the build's word is taken: reading 120 MB before each first start would be felt. The copy is checked against it when it is made.
  const sha256 = stated !== undefined && sizeBytes > smallBytes ? stated : await sha256OfFile(from);
  if (stated !== undefined && stated !== sha256) throw new FarmError('PROGRAM_DAMAGED', { path: from });
  return { place: [folder, basename(from)], from, sizeBytes, sha256 };
}

/**
 * What the installation has for agents: Node, and all files beside the agent's bundle. Throws `PROGRAM_DAMAGED` with the path of a file that is missing
 * or is not what its build says, `NOT_PERMITTED_BY_OS`.
 */
export async function readContents({ runtime, agentBundlePath }: AgentProgram, version: string): Promise<ProgramContents> {
  try {
    const bundleFolder = dirname(agentBundlePath);
    const names = (await readdir(bundleFolder, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
    if (!names.includes(basename(agentBundlePath))) throw new FarmError('PROGRAM_DAMAGED', { path: agentBundlePath });
    const files = [
      await describe(runtime, 'bin'),
      ...(await Promise.all(names.sort().map((name) => describe(join(bundleFolder, name), 'agent')))),
    ];
    const hash = createHash('sha256');
    for (const { place, sha256 } of files) hash.update(`${sha256}  ${place.join('/')}\n`);
    return { folderName: `${version.replace(/[^0-9A-Za-z.-]/g, '-')}-${hash.digest('hex').slice(0, 8)}`, files };
  } catch (error) {
    throw damageOf(error, agentBundlePath);
  }
}

/** A file of the installation that is not there is its damage; the rest is the file system's. */
export function damageOf(error: unknown, path: string): unknown {
  if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error))) return fileError(error, path);
  const named = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : path;
  return new FarmError('PROGRAM_DAMAGED', { path: named }, { cause: error });
}

async function isAsDescribed(path: string, { sizeBytes, sha256 }: ProgramFile): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size !== sizeBytes) return false;
    return sizeBytes > smallBytes || (await sha256OfFile(path)) === sha256;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false;
    throw error;
  }
}

/** The files that a copy lacks, or has otherwise than they must be; all when the folder is not there. Throws what reading throws. */
export async function damagedFiles(folder: string, { files }: ProgramContents): Promise<readonly ProgramFile[]> {
  const areRight = await Promise.all(files.map((file) => isAsDescribed(join(folder, ...file.place), file)));
  return files.filter((_, index) => areRight[index] !== true);
}
