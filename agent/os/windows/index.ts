import type { HostOs } from '../host-os.ts';
import { windowsHost } from './host.ts';
import { windowsLimits } from './limits.ts';
import { windowsProcesses } from './processes.ts';
import { type Programs, realPrograms } from './programs.ts';

/**
 * Windows with what Node and the system's own programs give: instances are plain processes that outlive the agent. Users, usage of other
 * processes and the network's counters need a native layer; until then they are absent, never invented.
 */
export function createWindowsOs(programs: Programs = realPrograms, nowMs: () => number = () => performance.now()): HostOs {
  return { ...windowsHost(programs), ...windowsLimits, ...windowsProcesses(programs, nowMs) };
}
