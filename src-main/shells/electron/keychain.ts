import type { KeychainAccess } from '../../compose-shell.ts';
import type { ElectronParts } from './electron-parts.ts';

/**
 * The system's keychain as a keeper of the data key. On Linux without a secret service Electron scrambles with a fixed password
 * (`basic_text`), which protects nothing and counts as no keychain (https://www.electronjs.org/docs/latest/api/safe-storage).
 */
export function keychainOf(vault: ElectronParts['safeStorage'], hasSelectableBackend: boolean): KeychainAccess {
  return {
    availability: async () => {
      if (hasSelectableBackend && vault.getSelectedStorageBackend() === 'basic_text') return 'basic-text';
      return (await vault.isAsyncEncryptionAvailable()) ? 'none' : 'no-keychain';
    },
    encrypt: async (text) => (await vault.encryptStringAsync(text)).toString('base64'),
    decrypt: async (sealed) => (await vault.decryptStringAsync(Buffer.from(sealed, 'base64'))).result,
  };
}
