import { type KeyObject, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { ShownCode } from '#contract/agent/pairing-conversation.ts';
import { keyHashOf } from './der.ts';
import type { AgentIdentity } from './types.ts';

/**
 * The link's three files. Each is written whole to a temporary file, synced and renamed, so that a kill at any instant leaves the old or the new
 * one. Writes are synchronous: they are small, rare, and must be on disk before the peer is answered.
 */
export type LinkFiles = {
  readonly key: KeyObject;
  readonly identity: () => AgentIdentity | undefined;
  readonly saveIdentity: (identity: AgentIdentity | undefined) => void;
  readonly code: () => ShownCode | undefined;
  readonly saveCode: (code: ShownCode | undefined) => void;
};

const identitySchema = z.object({
  farmId: z.string(),
  farmName: z.string(),
  serverId: z.string(),
  chainPem: z.string(),
  authorityPem: z.string(),
  highestEpoch: z.number().int(),
  isConfirmed: z.boolean(),
  joinedAtMs: z.number(),
});

const codeSchema = z.object({
  secret: z.string(),
  expiresAtMs: z.number(),
  wrongTries: z.number().int(),
  usedBy: z.object({ farmId: z.string(), serverId: z.string() }).optional(),
  isSpent: z.boolean(),
  earlier: z.object({ secret: z.string(), why: z.enum(['used', 'expired', 'tries']) }).optional(),
});

/** Who an agent is by its own files alone. */
export type OwnKey = {
  /** SHA-256 of its TLS public key (SPKI), lower-case hexadecimal: what a core that joined it has pinned. */
  readonly keyFingerprint: string;
  /** The farm that it belongs to; undefined while it belongs to none. */
  readonly farmName: string | undefined;
};

/**
 * Reads the key of an agent that may or may not run, for a person who stands at the server; makes nothing. Undefined where no agent has run yet.
 * Throws `HOME_HALF_WRITTEN` and `NOT_PERMITTED_BY_OS` with the path of the file.
 */
export function readOwnKey(stateFolder: string): OwnKey | undefined {
  const paths = pathsOf(stateFolder);
  const text = readIfThere(paths.key);
  if (text === undefined) return undefined;
  const farmName = readAs(paths.identity, identitySchema)?.farmName;
  return { keyFingerprint: keyHashOf(parseKey(text, paths.key)).toString('hex'), farmName };
}

/** Opens or makes the folder and the key. Throws `HOME_HALF_WRITTEN` with the path of a file that cannot be read as what it is. */
export function openLinkFiles(stateFolder: string): LinkFiles {
  const paths = pathsOf(stateFolder);
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const key = openKey(paths.key);
  let identity = readAs(paths.identity, identitySchema);
  let code = readAs(paths.code, codeSchema);
  return {
    key,
    identity: () => identity,
    saveIdentity: (next) => {
      if (next) writeWhole(paths.identity, JSON.stringify(next, undefined, 2));
      else rmSync(paths.identity, { force: true });
      identity = next;
    },
    code: () => code,
    saveCode: (next) => {
      // Counted first and written then: on a full disk five tries are still five.
      code = next;
      if (next) writeWhole(paths.code, JSON.stringify(next, undefined, 2));
      else rmSync(paths.code, { force: true });
    },
  };
}

function pathsOf(stateFolder: string) {
  const folder = join(stateFolder, 'link');
  return { folder, key: join(folder, 'key.pem'), identity: join(folder, 'identity.json'), code: join(folder, 'pairing.json') };
}

function openKey(path: string): KeyObject {
  const text = readIfThere(path);
  if (text === undefined) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return privateKey;
  }
  return parseKey(text, path);
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'key' });
  }
}

function readAs<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'json' });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw new FarmError('NOT_PERMITTED_BY_OS', { what: path }, { cause: error });
    throw error;
  }
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    // The core knows how this server is called.
    if (isFull(error)) throw new FarmError('DISK_FULL', { server: '', path }, { cause: error });
    throw error;
  }
}

/** What cannot be removed is written over the next time. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
