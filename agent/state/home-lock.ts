import { FarmError } from '#contract/errors.ts';
import { lockFolder } from '#kit/node/folder-lock.ts';
import type { HostOs } from '../os/host-os.ts';
import type { AgentFolders } from '../ports.ts';

/** Agents of the first version held this one file; one that still runs keeps its home. */
const firstLock = 'agent.lock';

/** Takes the home for this process; returns the release. Throws `HOME_LOCKED` with the holder. A lock whose holder died is taken over. */
export async function lockHome({ home }: Pick<AgentFolders, 'home'>, os: HostOs): Promise<() => Promise<void>> {
  const lock = await lockFolder({
    folder: home,
    name: 'agent-lock',
    self: os.identify(process.pid) ?? { processId: process.pid, startMark: '' },
    isRunning: (holder) => os.isAlive(holder),
    earlierFile: firstLock,
  });
  if (lock.state === 'held') throw new FarmError('HOME_LOCKED', { path: home, processId: lock.by.processId });
  return lock.release;
}
