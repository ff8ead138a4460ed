import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Desktop } from '../choose-desktop.ts';
import { isRunning } from '../home-lock.ts';

/** `elsewhere`: by its lock it is open on another computer. `unlocked`: nobody has it open, and yet it could not be locked. */
export type OtherDesktop =
  | { readonly state: 'runs' }
  | { readonly state: 'elsewhere' | 'unlocked'; readonly path: string; readonly host: string };

/**
 * Why Chromium did not give this program the lock of its folder. It says no more than no: another desktop that runs and was told, a full disk, or a lock
 * that a killed program left and that names another computer, which this one is too once it was renamed. The lock is a link to `<host>-<process>`
 * (https://source.chromium.org/chromium/chromium/src/+/main:chrome/browser/process_singleton_posix.cc); on Windows it is a window, and gone with its program.
 */
export function findOtherDesktop(folder: string, desktop: Desktop): OtherDesktop {
  if (desktop.system === 'windows') return { state: 'runs' };
  const path = join(folder, 'SingletonLock');
  const [, host = '', processId = '0'] = /^(.+)-(\d+)$/.exec(readLock(path)) ?? [];
  if (isRunning(desktop, { processId: Number(processId), startMark: '' })) return { state: 'runs' };
  return { state: host === '' || host === hostname() ? 'unlocked' : 'elsewhere', path, host };
}

function readLock(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
