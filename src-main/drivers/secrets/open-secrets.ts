import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeeperView } from '#contract/api/settings.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { Keeper, Secrets } from '../../ports/secrets.ts';
import { type KeeperKind, type KeepersFile, readKeepers, writeKeepers } from './keepers-file.ts';
import { type Cost, createPassphraseKeeper, defaultCost } from './passphrase-keeper.ts';
import { keyBytes, openBytes, SealError, sealBytes } from './seal.ts';

export type SecretsOptions = {
  /** The home. */
  readonly folder: string;
  /** Those that this shell has, the best first. At least one must be able to hold a new home's key. */
  readonly keepers: readonly Keeper[];
  /** What a passphrase that is added costs to try; only a test wants less. */
  readonly passphraseCost?: Cost;
};

const allKinds: readonly KeeperKind[] = ['keychain', 'file', 'passphrase'];
const checkContext = 'farmstead-key-check';
const checkText = 'farmstead';

function isKeyOf(file: KeepersFile, dataKey: Uint8Array): boolean {
  try {
    return dataKey.length === keyBytes && openBytes(dataKey, checkContext, file.keyCheck).toString('utf8') === checkText;
  } catch {
    return false;
  }
}

type Opened = { readonly file: KeepersFile; readonly dataKey: Uint8Array; readonly lost: readonly Keeper[] };

/** The data key by the first keeper that has it; `lost` are those that should have had it. What is the matter with them stops nobody. */
async function unwrap(file: KeepersFile, keepers: readonly Keeper[], path: string): Promise<Opened> {
  const lost: Keeper[] = [];
  for (const keeper of keepers) {
    const wrapped = file.wraps[keeper.kind];
    if (wrapped === undefined) continue;
    try {
      const dataKey = await keeper.unwrap(wrapped);
      if (isKeyOf(file, dataKey)) return { file, dataKey, lost };
    } catch (error) {
      // A torn key file is told by its own name: locked would send people after a passphrase.
      if (isFarmError(error, 'HOME_HALF_WRITTEN') && keepers.length === 1) throw error;
    }
    lost.push(keeper);
  }
  if (Object.keys(file.wraps).length === 0) throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'wraps' });
  throw new FarmError('SECRETS_LOCKED', { keepers: Object.keys(file.wraps).join(', ') });
}

/** A keeper that throws is one that cannot hold the key now: the others may. */
async function wrapBy(keeper: Keeper, dataKey: Uint8Array): Promise<string | undefined> {
  try {
    return (await keeper.availability()) === 'none' ? await keeper.wrap(dataKey) : undefined;
  } catch (error) {
    if (isFarmError(error) && !isFarmError(error, 'SECRETS_LOCKED')) throw error;
    return undefined;
  }
}

/** A page that shows the keepers does not wait for a keychain that is silent: it has none that answers. */
const mostLookMs = 500;

async function reasonOf(keeper: Keeper): Promise<KeeperView['reason']> {
  if (!keeper.mayAsk) return keeper.availability();
  const timer = Promise.withResolvers<'no-keychain'>();
  const stop = setTimeout(() => timer.resolve('no-keychain'), mostLookMs);
  return Promise.race([keeper.availability().catch(() => 'no-keychain' as const), timer.promise]).finally(() => clearTimeout(stop));
}

/** By the first that can hold the key; the others are given it once the home is open. */
async function begin(path: string, keepers: readonly Keeper[]): Promise<Opened> {
  const dataKey = randomBytes(keyBytes);
  const keyCheck = sealBytes(dataKey, checkContext, Buffer.from(checkText, 'utf8'));
  for (const keeper of keepers) {
    const wrapped = await wrapBy(keeper, dataKey);
    if (wrapped === undefined) continue;
    const file: KeepersFile = { formatVersion: 1, keyCheck, wraps: { [keeper.kind]: wrapped } };
    await writeKeepers(path, file);
    return { file, dataKey, lost: [] };
  }
  throw new FarmError('SECRETS_LOCKED', { keepers: keepers.map((keeper) => keeper.kind).join(', ') });
}

/**
 * Opens the home's secrets, or begins them in a home that has none. A keeper of this shell that does not hold the key yet is given it, so that the
 * home can later be opened by any one of them. One that may ask a person (`mayAsk`) is asked last, and given the key beside, after the home is open:
 * a keychain that refuses or never answers locks nobody out of a home that another keeper opens. Throws `SECRETS_LOCKED` naming the keepers that hold it, `HOME_HALF_WRITTEN`, `STORE_FULL`,
 * `NOT_PERMITTED_BY_OS`. One core at a time has a home open.
 */
export async function openSecrets({ folder, keepers, passphraseCost = defaultCost }: SecretsOptions): Promise<Secrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'keepers.json');
  const quietFirst = keepers.toSorted((left, right) => Number(left.mayAsk) - Number(right.mayAsk));
  const present = await readKeepers(path);
  const opened = present === undefined ? await begin(path, quietFirst) : await unwrap(present, quietFirst, path);
  const { dataKey, lost } = opened;
  let { file } = opened;
  let isClosed = false;
  // Writes stand in a line, so that two never take each other's keeper away.
  let last: Promise<unknown> = Promise.resolve();
  const keep = (keeper: Keeper, wrap: () => Promise<string>): Promise<void> => {
    const writing = last.then(async () => {
      if (isClosed) return;
      const wrapped = await wrap();
      const next = { ...file, wraps: { ...file.wraps, [keeper.kind]: wrapped } };
      await writeKeepers(path, next);
      file = next;
    });
    last = writing.catch(() => undefined);
    return writing;
  };
  // The home is open: one keeper that cannot hold the key now is shown as not holding it.
  const hold = async (keeper: Keeper): Promise<void> => {
    const wrapped = await wrapBy(keeper, dataKey).catch(() => undefined);
    if (wrapped !== undefined) await keep(keeper, async () => wrapped).catch(() => undefined);
  };
  // A keeper that lost its part (a key file that was not copied with the home) gets it anew; a passphrase only by somebody who types it on purpose.
  const wanting = quietFirst.filter(
    (keeper) => keeper.kind !== 'passphrase' && (file.wraps[keeper.kind] === undefined || lost.includes(keeper)),
  );
  for (const keeper of wanting) if (!keeper.mayAsk) await hold(keeper);
  for (const keeper of wanting) if (keeper.mayAsk) void hold(keeper);

  return {
    seal: async (context, plaintext) => sealBytes(dataKey, context, Buffer.from(plaintext, 'utf8')),
    open: async (context, sealed) => {
      try {
        return openBytes(dataKey, context, sealed).toString('utf8');
      } catch (error) {
        if (error instanceof SealError)
          throw new FarmError('HOME_HALF_WRITTEN', { path: context, problem: error.message }, { cause: error });
        throw error;
      }
    },
    keepers: async () => {
      const views: KeeperView[] = [];
      for (const kind of allKinds) {
        const keeper = keepers.find((one) => one.kind === kind);
        const reason = kind === 'passphrase' ? 'none' : keeper === undefined ? 'not-this-shell' : await reasonOf(keeper);
        views.push({ kind, holds: file.wraps[kind] !== undefined, isAvailable: reason === 'none', reason });
      }
      return views;
    },
    addPassphrase: (passphrase) => {
      const keeper = createPassphraseKeeper(passphrase, passphraseCost);
      return keep(keeper, () => keeper.wrap(dataKey));
    },
    close: async () => {
      isClosed = true;
      await last;
    },
  };
}
