import { FarmError } from '#contract/errors.ts';
import type { Keeper } from '../../ports/secrets.ts';

/** What a shell lends of its system's keychain; Electron's `safeStorage` has this form. https://www.electronjs.org/docs/latest/api/safe-storage */
export type Keychain = {
  readonly isEncryptionAvailable: () => boolean;
  /** Linux only: `basic_text` means a password that is the same on every computer. */
  readonly getSelectedStorageBackend?: () => string;
  readonly encryptString: (plaintext: string) => Uint8Array;
  readonly decryptString: (encrypted: Buffer) => string;
};

/** Keeps the data key in the system's keychain of the person who is signed in. `basic_text` counts as no keychain. */
export function createKeychainKeeper(keychain: Keychain): Keeper {
  const availability: Keeper['availability'] = async () => {
    if (!keychain.isEncryptionAvailable()) return 'no-keychain';
    return keychain.getSelectedStorageBackend?.() === 'basic_text' ? 'basic-text' : 'none';
  };
  const demandKeychain = async (): Promise<void> => {
    if ((await availability()) !== 'none') throw new FarmError('SECRETS_LOCKED', { keepers: 'keychain' });
  };
  return {
    kind: 'keychain',
    availability,
    wrap: async (dataKey) => {
      await demandKeychain();
      return Buffer.from(keychain.encryptString(Buffer.from(dataKey).toString('base64'))).toString('base64url');
    },
    unwrap: async (wrapped) => {
      await demandKeychain();
      return Buffer.from(keychain.decryptString(Buffer.from(wrapped, 'base64url')), 'base64');
    },
  };
}
