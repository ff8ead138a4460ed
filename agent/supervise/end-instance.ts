import type { QuietReport } from '#contract/agent/instances.ts';
import type { ProcessIdentity } from '../os/host-os.ts';
import { endProcess } from './end-process.ts';
import type { HealthWatch } from './health-watch.ts';
import type { HeldInstance } from './held-instance.ts';
import { withoutProcess } from './instance-view.ts';
import { dataFolder, endStrays } from './needs.ts';
import { becomeQuiet, type Ended, type Kept, type KeptVisitors } from './quiet-stop.ts';
import { interrupted } from './until-healthy.ts';

/** Whose end it is: the instance, and what of its supervision takes part in it. */
export type Ending = {
  readonly held: HeldInstance;
  readonly health: HealthWatch;
  readonly visitors: KeptVisitors;
  readonly clearTimers: () => void;
};

/** Waits until it is quiet, asks the process to end, waits its grace, ends what is left of it. Visitors wait until `release` after a restart. */
export async function endInstance(ending: Ending, wanted: 'stopped' | 'as-before'): Promise<Ended> {
  const { held, health, visitors, clearTimers } = ending;
  const { record } = held;
  held.untold = undefined;
  const { isSilent: isHung } = health;
  const wasRunning = held.process.state === 'running';
  clearTimers();
  // First what is wanted: the agent's next life brings a stop to its end that is cut off here.
  if (wanted === 'stopped' && record.wanted !== wanted) await held.save({ wanted });
  const identity = held.identity ?? record.process;
  const isAlive = identity !== undefined && held.needs.os.isAlive(identity);
  // Visitors have not yet been led to one that starts: it has acknowledged nothing.
  const isUsed = isAlive && wasRunning;
  const kept = isUsed && !isHung ? visitors.keep(record.spec.host) : nobodyKept;
  const { release } = kept;
  try {
    const turnAway = (): void => held.show(wanted === 'stopped' ? 'broken' : 'starting');
    const quiet = isUsed ? await becomeQuietNow(ending, identity, { isHung, turnAway, hold: kept.hold }) : undefined;
    turnAway();
    if (wanted === 'stopped') release();
    await endNow(ending, identity, isAlive);
    return { hadProcess: isAlive, quiet, release };
  } catch (error) {
    release();
    throw error;
  }
}

const nobodyKept: Kept = { hold: () => Promise.resolve(undefined), release: () => undefined };

type How = { readonly isHung: boolean; readonly turnAway: () => void; readonly hold: Kept['hold'] };

async function becomeQuietNow({ held }: Ending, identity: ProcessIdentity, how: How): Promise<QuietReport> {
  const { needs, instanceId } = held;
  held.process = { state: 'stopping', processId: identity.processId };
  held.changed();
  const isOver = (): boolean => held.isClosed || !needs.os.isAlive(identity);
  const quiet = await becomeQuiet({ ...needs, instanceId }, { folder: dataFolder(needs, instanceId), isOver, ...how });
  // The agent ends, and the instance outlives it: the next one goes on from what is wanted.
  if (held.isClosed) throw interrupted(needs, instanceId);
  return quiet;
}

async function endNow({ held, health }: Ending, identity: ProcessIdentity | undefined, isAlive: boolean): Promise<void> {
  if (identity !== undefined) await (isAlive ? endHeldProcess(held, identity) : held.needs.os.killTree(identity));
  await endStrays(held.needs, held.record);
  await held.needs.limits.remove(held.instanceId);
  held.identity = undefined;
  held.lostTo = undefined;
  held.exited = undefined;
  held.process = { state: 'none' };
  health.reset();
  held.measured = withoutProcess(held.measured);
  if (held.record.process !== undefined) await held.save({ process: undefined });
  if (isAlive) held.note('stopped');
  held.changed();
}

type Grace = { readonly mostGraceSeconds?: number; readonly isEnough?: () => boolean };

async function endHeldProcess(held: HeldInstance, identity: ProcessIdentity, grace: Grace = {}): Promise<void> {
  held.process = { state: 'stopping', processId: identity.processId };
  held.changed();
  await endProcess(identity, held.needs, held.record.spec, { exited: held.exited, ...grace });
}

/** Ends it with everything that is left of it, to be started again; false when the agent itself ends. */
export async function endWhole(held: HeldInstance, identity: ProcessIdentity, grace?: Grace): Promise<boolean> {
  await endHeldProcess(held, identity, grace);
  await endStrays(held.needs, held.record);
  if (!held.isClosed) held.identity = undefined;
  return !held.isClosed;
}
