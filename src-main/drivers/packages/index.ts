import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, temporaryBeside } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import type { BuiltPayload, ManifestFile, Payloads } from '../../ports/payloads.ts';
import type { Log } from '../../ports/request.ts';
import { atomicWriteFile, fileError } from '../shared/files.ts';
import { type ArchiveFile, filesBelow, UnpackableError, writeArchive } from './archive.ts';
import { readLock } from './npm-lock.ts';
import { layOut, readNpmFiles, treeFiles } from './npm-tree.ts';
import { createPayloadCache } from './payload-cache.ts';
import { hashOf, readPackages } from './read-package.ts';
import { createArchiveNames } from '#kit/archive-entry.ts';
import { sha256OfFile, unzip, ZipError } from './unzip.ts';
import { createInstallLocked, type InstallLocked, NpmError } from './run-npm.ts';

export type PayloadOptions = {
  readonly packagesFolder: string;
  /** Keeps what was built; may be shared by homes and outlive them. */
  readonly cacheFolder: string;
  readonly log: Log;
  /** Payloads that came with the program (`make-ready.ts`): an installed desktop has no npm. Only read. */
  readonly readyFolder?: string | undefined;
  /** What packs; archives of another one may differ in a byte, so that they are kept apart. This program's zlib when absent. */
  readonly packer?: string;
  /** The Node that runs npm, asked each time; this program when absent. */
  readonly runtime?: () => Promise<string>;
  /** npm with this program's own environment, unless a test says otherwise. */
  readonly installLocked?: InstallLocked;
};

type Source = ManifestFile['manifest']['payload'][number]['source'];
/** Who packed what came with the program: its name stands in the keys there, so that they are found whatever zlib reads them. */
export const readyPacker = 'ready';
/** Raised when archives of the same sources come out different from before. */
const archiveFormat = 1;

/** The application packages of this computer. Any number of calls at once; the same payload is built once. */
export function createPayloads(options: PayloadOptions): Payloads {
  const { packagesFolder, cacheFolder, readyFolder, log } = options;
  const install = options.installLocked ?? createInstallLocked(process.env, options.runtime);
  const packer = options.packer ?? process.versions.zlib;
  const writeText = (path: string, text: string): Promise<void> => atomicWriteFile(path, text, { mode: 0o600 });
  const cache = createPayloadCache(cacheFolder, writeText, () => Date.now());
  const ready = readyFolder === undefined ? undefined : createPayloadCache(readyFolder, writeText, () => Date.now());
  const building = new Map<string, Promise<BuiltPayload>>();
  let swept: Promise<void> | undefined;

  const sweepOnce = (): Promise<void> => {
    swept ??= cache.sweep().catch((error: unknown) => {
      swept = undefined;
      throw error;
    });
    return swept;
  };
  const refuse = (file: ManifestFile, reason: string, cause?: unknown): FarmError =>
    new FarmError('PAYLOAD_BUILD', { packageId: file.manifest.id, reason }, { cause });

  const checkLimits = (file: ManifestFile, files: readonly ArchiveFile[]): void => {
    const { payloadBytes, payloadEntries } = file.manifest.limits;
    const bytes = files.reduce((sum, one) => sum + one.sizeBytes, 0);
    // The rules of the archive as agents keep them: what they would refuse is not made.
    const names = createArchiveNames(payloadEntries);
    const refused = files.map(({ name }) => names.take(name, false)).find((entry) => 'refused' in entry)?.refused;
    if (bytes <= payloadBytes && refused === undefined) return;
    log.warn('payload.too-large', { packageId: file.manifest.id, bytes, files: files.length, limits: file.manifest.limits });
    throw refuse(file, bytes > payloadBytes ? 'size' : refused === 'count' ? 'count' : 'name');
  };

  const pack = async (file: ManifestFile, key: string, files: readonly ArchiveFile[]): Promise<BuiltPayload> => {
    checkLimits(file, files);
    const unfinished = temporaryBeside(join(cacheFolder, 'payload'));
    try {
      return await cache.keep(key, unfinished, await writeArchive(files, unfinished));
    } finally {
      await rm(unfinished, { force: true });
    }
  };

  const fromNpm = async (file: ManifestFile, source: Source & { kind: 'npm' }, platform: string): Promise<BuiltPayload> => {
    const lockFolder = join(file.folder, ...source.lockFolder.split('/'));
    const { packageJson, lock } = await readNpmFiles(lockFolder);
    const reading = readLock(lock);
    if (reading.state === 'bad') {
      log.warn('payload.lock', { packageId: file.manifest.id, problem: reading.problem });
      throw refuse(file, 'lock');
    }
    const leaveOut = source.leaveOut ?? [];
    const keep = source.keep ?? [];
    const sources = ['npm', archiveFormat, packageJson, lock, leaveOut, keep, reading.isPortable ? '' : platform];
    const key = hashOf(JSON.stringify([...sources, packer]));
    const kept = (await ready?.find(hashOf(JSON.stringify([...sources, readyPacker])))) ?? (await cache.find(key));
    if (kept !== undefined) return kept;
    const folder = temporaryBeside(join(cacheFolder, `install-${process.pid}`));
    try {
      await layOut(lockFolder, folder);
      await install(folder, platform);
      return await pack(file, key, await treeFiles(folder, leaveOut, keep));
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };

  const fromDirectory = async (file: ManifestFile, path: string): Promise<BuiltPayload> => {
    const files = await filesBelow(join(file.folder, ...path.split('/')));
    checkLimits(file, files);
    const hashes = await Promise.all(files.map(async (one) => [one.name, hashOf(await readFile(one.path))]));
    const key = hashOf(JSON.stringify(['directory', archiveFormat, hashes, packer]));
    return (await cache.find(key)) ?? pack(file, key, files);
  };

  const fromZip = async (file: ManifestFile, source: Source & { kind: 'zip' }): Promise<BuiltPayload> => {
    const path = join(file.folder, ...source.path.split('/'));
    if ((await sha256OfFile(path)) !== source.sha256) throw refuse(file, 'hash');
    const key = hashOf(JSON.stringify(['zip', archiveFormat, source.sha256, packer]));
    const kept = await cache.find(key);
    if (kept !== undefined) return kept;
    const folder = temporaryBeside(join(cacheFolder, 'unzip'));
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await unzip(path, folder, file.manifest.limits);
      return await pack(file, key, await filesBelow(folder));
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };

  const make = async (file: ManifestFile, source: Source, platform: string): Promise<BuiltPayload> => {
    try {
      await sweepOnce();
      switch (source.kind) {
        case 'npm':
          return await fromNpm(file, source, platform);
        case 'directory':
          return await fromDirectory(file, source.path);
        case 'zip':
          return await fromZip(file, source);
      }
    } catch (error) {
      throw toCoded(error, file, cacheFolder);
    }
  };

  return {
    manifests: () => readPackages(packagesFolder),
    build: (file, platform) => {
      const source = file.manifest.payload.find(({ platforms }) => platforms.some(({ os, arch }) => `${os}-${arch}` === platform))?.source;
      if (source === undefined) return Promise.reject(new FarmError('PLATFORM_UNSUPPORTED', { packageId: file.manifest.id, platform }));
      const name = `${file.folder}/${file.manifestHash}/${platform}`;
      const known = building.get(name);
      if (known !== undefined) return known;
      const startedMs = performance.now();
      const promise = make(file, source, platform)
        .then((built) => {
          const durationMs = Math.round(performance.now() - startedMs);
          log.info('payload.built', {
            packageId: file.manifest.id,
            platform,
            payload: built.sha256,
            sizeBytes: built.sizeBytes,
            durationMs,
          });
          return built;
        })
        .finally(() => building.delete(name));
      building.set(name, promise);
      return promise;
    },
    doubt: ({ sha256 }) => {
      log.warn('payload.changed', { payload: sha256 });
      cache.doubt(sha256);
      ready?.doubt(sha256);
    },
    read: async ({ path }, offset, length) => {
      const handle = await open(path, 'r');
      try {
        const piece = new Uint8Array(length);
        const { bytesRead } = await handle.read(piece, 0, length, offset);
        return piece.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

function toCoded(error: unknown, file: ManifestFile, cacheFolder: string): unknown {
  const packageId = file.manifest.id;
  if (error instanceof NpmError) {
    if (error.isNoRoom) return new FarmError('STORE_FULL', { path: cacheFolder }, { cause: error });
    return new FarmError('PAYLOAD_BUILD', { packageId, reason: error.message }, { cause: error });
  }
  if (error instanceof ZipError) return new FarmError('PAYLOAD_BUILD', { packageId, reason: error.reason }, { cause: error });
  if (error instanceof UnpackableError) return new FarmError('PAYLOAD_BUILD', { packageId, reason: 'link' }, { cause: error });
  const coded = fileError(error, cacheFolder);
  if (coded === error && errorCode(error) === 'ENOENT')
    return new FarmError('PAYLOAD_BUILD', { packageId, reason: 'notThere' }, { cause: error });
  return coded;
}
