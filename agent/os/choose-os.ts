import type { HostOs } from './host-os.ts';
import { createLinuxOs } from './linux/index.ts';
import { createWindowsOs } from './windows/index.ts';

/** The one place that asks which system this is. */
export function chooseOs(): HostOs {
  return process.platform === 'win32' ? createWindowsOs() : createLinuxOs();
}
