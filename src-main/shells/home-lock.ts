import { FarmError } from '#contract/errors.ts';
import { lockFolder } from '#kit/node/folder-lock.ts';
import { fileError } from '../drivers/shared/files.ts';
import { chooseDesktop, type Desktop } from './choose-desktop.ts';

export type HomeLock = {
  /** Lets the home go. May be called twice. */
  readonly release: () => Promise<void>;
};

/** Where the start of either cannot be told, the number alone counts: a running program must never be taken for a dead one. */
export function isRunning(desktop: Desktop, identity: { readonly processId: number; readonly startMark: string }): boolean {
  if (identity.processId <= 0) return false;
  const mark = desktop.startMark(identity.processId);
  if (mark === undefined) return false;
  return mark === '' || identity.startMark === '' || mark === identity.startMark;
}

/**
 * Takes the home for this process: one core at a time. Throws `HOME_LOCKED` with the number of the process that has it, `STORE_FULL`,
 * `NOT_PERMITTED_BY_OS`. The home must be prepared.
 */
export async function lockHome(home: string, desktop: Desktop = chooseDesktop()): Promise<HomeLock> {
  const lock = await lockFolder({
    folder: home,
    name: 'core-lock',
    self: { processId: process.pid, startMark: desktop.startMark(process.pid) ?? '' },
    isRunning: (holder) => isRunning(desktop, holder),
  }).catch((error: unknown) => {
    throw fileError(error, home);
  });
  if (lock.state === 'held') throw new FarmError('HOME_LOCKED', { path: home, processId: lock.by.processId });
  return lock;
}
