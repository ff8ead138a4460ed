import type { KeychainAccess } from '../../compose-shell.ts';
import type { ElectronParts } from './electron-parts.ts';

/** How long a keychain may be silent: when something else can hold the key, and when only the keychain, which may ask for a password, has it. */
export const keychainLimits = { othersMs: 5000, onlyMs: 60_000 };

/**
 * The system's keychain as a keeper of the data key. On Linux without a secret service Electron scrambles with a fixed password
 * (`basic_text`), which protects nothing and counts as no keychain (https://www.electronjs.org/docs/latest/api/safe-storage).
 * Electron's own calls have no limit: with a locked keyring they may never answer. While one is unanswered the keychain counts as none, so that
 * it is waited for once.
 */
export function keychainOf(vault: ElectronParts['safeStorage'], hasSelectableBackend: boolean, limits = keychainLimits): KeychainAccess {
  let unanswered = 0;
  const within = async <Answer>(asked: () => Promise<Answer>, limitMs: number): Promise<Answer> => {
    const answer = asked();
    const limit = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      unanswered += 1;
      const settled = (): void => {
        unanswered -= 1;
      };
      answer.then(settled, settled);
      limit.reject(new Error('the keychain did not answer in time'));
    }, limitMs);
    return Promise.race([answer, limit.promise]).finally(() => clearTimeout(timer));
  };
  const unlessSilent = async <Answer>(asked: () => Promise<Answer>): Promise<Answer> => {
    if (unanswered > 0) throw new Error('the keychain has not answered yet');
    return within(asked, limits.othersMs);
  };
  return {
    availability: async () => {
      if (hasSelectableBackend && vault.getSelectedStorageBackend() === 'basic_text') return 'basic-text';
      const isThere = await unlessSilent(() => vault.isAsyncEncryptionAvailable()).catch(() => false);
      return isThere ? 'none' : 'no-keychain';
    },
    encrypt: async (text) => (await unlessSilent(() => vault.encryptStringAsync(text))).toString('base64'),
    decrypt: async (sealed) => {
      const opened = await within(() => vault.decryptStringAsync(Buffer.from(sealed, 'base64')), limits.onlyMs);
      return opened.result;
    },
  };
}
