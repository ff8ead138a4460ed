import type { HostOs } from '../host-os.ts';
import { linuxHost } from './host.ts';
import { linuxIdentities } from './identity.ts';
import { linuxLimits } from './limits.ts';
import { linuxListeners } from './listener.ts';
import { linuxProcesses } from './processes.ts';

/**
 * Linux by /proc, plain system calls and the kernel's groups. Of other programs only `nft` for rules, and a shell of a few words through which an
 * instance takes on its limits.
 */
export function createLinuxOs(): HostOs {
  return { ...linuxHost, ...linuxProcesses, ...linuxIdentities, ...linuxListeners, ...linuxLimits };
}
