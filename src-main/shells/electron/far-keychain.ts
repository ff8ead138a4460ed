import type { KeeperView } from '#contract/api/settings.ts';
import type { KeychainAccess } from '../../compose-shell.ts';
import type { FromCore, KeychainAct } from './core-messages.ts';

type Asking = { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void };
const reasons: readonly KeeperView['reason'][] = ['none', 'basic-text', 'no-keychain'];

/**
 * The system's keychain, which only the main process can reach, for the process of the core. The main process answers every question within its
 * own limit, also when the keychain does not.
 */
export function createFarKeychain(send: (message: FromCore) => void) {
  const asking = new Map<number, Asking>();
  let last = 0;
  const ask = (act: KeychainAct, text?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      last += 1;
      asking.set(last, { resolve, reject });
      send({ kind: 'keychain', request: last, act, ...(text === undefined ? {} : { text }) });
    });
  const access: KeychainAccess = {
    availability: async () => {
      const answer = await ask('availability').catch(() => 'no-keychain');
      return reasons.find((reason) => reason === answer) ?? 'no-keychain';
    },
    encrypt: (text) => ask('encrypt', text),
    decrypt: (sealed) => ask('decrypt', sealed),
  };
  return {
    access,
    /** Without an answer the keychain refused, or did not answer in time. */
    answered: (request: number, answer: string | undefined): void => {
      const one = asking.get(request);
      asking.delete(request);
      if (answer === undefined) one?.reject(new Error('the keychain refused'));
      else one?.resolve(answer);
    },
  };
}
