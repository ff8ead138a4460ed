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

async function begin(path: string, keepers: readonly Keeper[]): Promise<Opened> {
  const dataKey = randomBytes(keyBytes);
  const keyCheck = sealBytes(dataKey, checkContext, Buffer.from(checkText, 'utf8'));
  const wraps: KeepersFile['wraps'] = {};
  for (const keeper of keepers) if ((await keeper.availability()) === 'none') wraps[keeper.kind] = await keeper.wrap(dataKey);
  if (Object.keys(wraps).length === 0) throw new FarmError('SECRETS_LOCKED', { keepers: keepers.map((keeper) => keeper.kind).join(', ') });
  const file: KeepersFile = { formatVersion: 1, keyCheck, wraps };
  await writeKeepers(path, file);
  return { file, dataKey, lost: [] };
}

/**
 * Opens the home's secrets, or begins them in a home that has none. A keeper of this shell that does not hold the key yet is given it, so that the
 * home can later be opened by any one of them. Throws `SECRETS_LOCKED` naming the keepers that hold it, `HOME_HALF_WRITTEN`, `STORE_FULL`,
 * `NOT_PERMITTED_BY_OS`. One core at a time has a home open.
 */
export async function openSecrets({ folder, keepers, passphraseCost = defaultCost }: SecretsOptions): Promise<Secrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'keepers.json');
  const present = await readKeepers(path);
  const opened = present === undefined ? await begin(path, keepers) : await unwrap(present, keepers, path);
  const { dataKey, lost } = opened;
  let { file } = opened;
  const hold = async (keeper: Keeper): Promise<void> => {
    const next = { ...file, wraps: { ...file.wraps, [keeper.kind]: await keeper.wrap(dataKey) } };
    await writeKeepers(path, next);
    file = next;
  };
  // A keeper that lost its part (a key file that was not copied with the home) gets it anew; a passphrase only by somebody who types it on purpose.
  const wanting = keepers.filter(
    (keeper) => keeper.kind !== 'passphrase' && (file.wraps[keeper.kind] === undefined || lost.includes(keeper)),
  );
  for (const keeper of wanting) {
    // The home is open: one keeper that cannot hold the key now is shown as not holding it.
    if ((await keeper.availability()) === 'none') await hold(keeper).catch(() => undefined);
  }

  // Writes stand in a line, so that two never take each other's keeper away.
  let last: Promise<unknown> = Promise.resolve();
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
        const reason = kind === 'passphrase' ? 'none' : ((await keeper?.availability()) ?? 'not-this-shell');
        views.push({ kind, holds: file.wraps[kind] !== undefined, isAvailable: reason === 'none', reason });
      }
      return views;
    },
    addPassphrase: (passphrase) => {
      const adding = last.then(() => hold(createPassphraseKeeper(passphrase, passphraseCost)));
      last = adding.catch(() => undefined);
      return adding;
    },
  };
}
