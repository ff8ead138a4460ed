import { certificateEnded, certificateEnds } from './certificate-condition.ts';
import type { Evaluators } from './evaluator.ts';
import { homeDisk } from './home-disk.ts';
import { instanceCrashLoop, instanceDown, instanceMissing, instanceUnhealthy } from './instance-condition.ts';
import { instanceDisk } from './instance-disk.ts';
import { jobStopped } from './job-stopped.ts';
import { nameServer } from './name-server.ts';
import { programFault } from './program-fault.ts';
import { serverAgent, serverClock, serverDisk, serverEdge, serverIdentity, serverNetwork, serverRedirect } from './server-condition.ts';
import { serverIsolation } from './server-isolation.ts';
import { serverDrift } from './server-drift.ts';

/** Who judges each row of the catalogue. A row without one does not compile. */
export const evaluators: Evaluators = {
  'home-disk': homeDisk,
  'name-server': nameServer,
  'server-agent': serverAgent,
  'server-network': serverNetwork,
  'server-identity': serverIdentity,
  'server-clock': serverClock,
  'server-disk': serverDisk,
  'server-edge': serverEdge,
  'server-redirect': serverRedirect,
  'server-isolation': serverIsolation,
  'server-drift': serverDrift,
  'instance-missing': instanceMissing,
  'instance-down': instanceDown,
  'instance-crash-loop': instanceCrashLoop,
  'instance-unhealthy': instanceUnhealthy,
  'instance-disk': instanceDisk,
  'job-stopped': jobStopped,
  'certificate-ends': certificateEnds,
  'certificate-ended': certificateEnded,
  'program-fault': programFault,
};
