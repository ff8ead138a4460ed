import { createKeychainKeeper, type Keychain } from './drivers/secrets/keychain-keeper.ts';
import { systemClock } from './drivers/system/clock.ts';
import { failPointFrom } from './drivers/system/fail-point.ts';
import { type LateErrorSource, watchLateErrors } from './drivers/system/late-errors.ts';
import { createHomeSpace } from './drivers/system/home-space.ts';
import { createLog } from './drivers/system/log.ts';
import { openLogFile } from './drivers/system/log-file.ts';
import type { Clock } from './ports/clock.ts';
import type { SpaceKeeper } from './ports/home-space.ts';
import type { Log } from './ports/request.ts';
import type { Keeper } from './ports/secrets.ts';
import type { FailPoint } from './engine/job-table.ts';

/** What a shell needs of this computer before there is a core. */
export const hostClock: Clock = systemClock;

/** The log of a shell and its core: JSON lines in the home. */
export function createShellLog(path: string, source: string): { readonly log: Log; readonly close: () => void } {
  const file = openLogFile(path);
  return { log: createLog({ clock: systemClock, write: file.write, source }), close: file.close };
}

export type LateErrors = LateErrorSource;

/**
 * For every process that holds a core, as soon as it is open: a rejection that nobody handles and an exception that nobody catches are logged with a
 * reference, shown in every window (`show`: the core's `noteFault`), and end nothing. Returns what takes it back; call that last.
 */
export function reportLateErrors(source: LateErrors, log: Log, show: (reference: string) => void): () => void {
  return watchLateErrors(source, log, systemClock.nowMs, show);
}

export function hostFailPoint(environment: Readonly<Record<string, string | undefined>>): FailPoint | undefined {
  return failPointFrom(environment);
}

/** The watch over the disk of a home. `secure` may be called before anything of the home is opened. */
export function openHomeSpace(home: string): SpaceKeeper {
  return createHomeSpace({ home, clock: systemClock });
}

export type KeychainAccess = Keychain;

export function keychainKeeper(keychain: KeychainAccess): Keeper {
  return createKeychainKeeper(keychain);
}
