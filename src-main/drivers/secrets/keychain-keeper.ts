import { FarmError } from '#contract/errors.ts';
import type { Keeper } from '../../ports/secrets.ts';

/** What a shell lends of its system's keychain: texts in, texts out. */
export type Keychain = {
  /** `basic-text`: there is one, but its password is the same on every computer. */
  readonly availability: Keeper['availability'];
  readonly encrypt: (plaintext: string) => Promise<string>;
  readonly decrypt: (encrypted: string) => Promise<string>;
};

/** Keeps the data key in the system's keychain of the person who is signed in. `basic-text` counts as no keychain. */
export function createKeychainKeeper(keychain: Keychain): Keeper {
  const demandKeychain = async (): Promise<void> => {
    if ((await keychain.availability()) !== 'none') throw new FarmError('SECRETS_LOCKED', { keepers: 'keychain' });
  };
  return {
    kind: 'keychain',
    mayAsk: true,
    availability: keychain.availability,
    wrap: async (dataKey) => {
      await demandKeychain();
      return keychain.encrypt(Buffer.from(dataKey).toString('base64'));
    },
    // Whoever is asked for a password needs longer than `availability` waits, so only a fixed password is refused beforehand.
    unwrap: async (wrapped) => {
      if ((await keychain.availability()) === 'basic-text') throw new FarmError('SECRETS_LOCKED', { keepers: 'keychain' });
      return Buffer.from(await keychain.decrypt(wrapped), 'base64');
    },
  };
}
