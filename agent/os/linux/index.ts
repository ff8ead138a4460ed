import type { HostOs } from '../host-os.ts';
import { linuxHost } from './host.ts';
import { linuxIdentities } from './identity.ts';
import { linuxListeners } from './listener.ts';
import { linuxProcesses } from './processes.ts';

/** Linux by /proc and plain system calls; no shell, no other program. */
export function createLinuxOs(): HostOs {
  return { ...linuxHost, ...linuxProcesses, ...linuxIdentities, ...linuxListeners };
}
