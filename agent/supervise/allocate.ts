import { lstat } from 'node:fs/promises';
import { FarmError } from '#contract/errors.ts';
import type { InstanceRecord } from '../ports.ts';
import { isPortFree, newPort } from './instance-ports.ts';
import { holdsPort, mayMovePort } from './command-values.ts';
import { type Allocation, dataFolder, type InstanceNeeds, manifestOf, placeholderValues, userOf } from './needs.ts';
import { writeFiles } from './set-up.ts';

/** Runs what gives ports and users, one after another. */
export function queued<Result>(allocation: Allocation, give: () => Promise<Result>): Promise<Result> {
  const mine = allocation.last.then(give, give);
  allocation.last = mine.catch(() => undefined);
  return mine;
}

const othersOf = ({ instances }: InstanceNeeds, instanceId: string): readonly InstanceRecord[] =>
  instances.list().filter((record) => record.spec.instanceId !== instanceId);

/** The port that it had, where that is free and was not lost, else another. */
export async function portFor(needs: InstanceNeeds, instanceId: string, known?: number, lostPort?: number): Promise<number> {
  const taken = new Set(othersOf(needs, instanceId).map(({ port }) => port));
  if (known !== undefined && known !== lostPort && !taken.has(known) && (await isPortFree(known))) return known;
  return newPort(known === undefined ? taken : new Set([...taken, known]), needs.folders.home);
}

/**
 * The user under whom it may run; undefined where all run as the agent. Throws `INSTANCE_WITHOUT_USER` where that would be root: nothing of an
 * application is ever started so.
 */
export async function userFor(needs: InstanceNeeds, instanceId: string, known: number | undefined): Promise<number | undefined> {
  const isolation = await needs.isolation();
  if (isolation.state === 'refused') throw new FarmError('INSTANCE_WITHOUT_USER', { reason: isolation.reason, path: isolation.path });
  if (isolation.state === 'shared' || known !== undefined) return known;
  const taken = new Set(othersOf(needs, instanceId).flatMap(({ userId }) => userId ?? []));
  return needs.os.newUser(taken, needs.folders.home).userId;
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Before a start: what an agent made that could not give users gets one of its own now, its folder first, so that a cut between the two is mended by
 * the same again; and where somebody else has its port it gets another. Nothing of it may run. Answers with the record as it is now.
 */
export function prepareStart(needs: InstanceNeeds, record: InstanceRecord, lostPort?: number): Promise<InstanceRecord> {
  const { instances, logs, os } = needs;
  const manifest = manifestOf(needs, record.spec);
  const canMove = mayMovePort(manifest);
  const { instanceId } = record.spec;
  return queued(needs.allocation, async () => {
    const userId = await userFor(needs, instanceId, record.userId);
    const port = canMove ? await portFor(needs, instanceId, record.port, lostPort) : record.port;
    if (!canMove && !(await isPortFree(port))) throw new FarmError('PORT_TAKEN', { port, owner: os.portOwner(port) || 'unknown' });
    if (userId === record.userId && port === record.port) return record;
    if (userId !== undefined && userId !== record.userId) {
      const folder = dataFolder(needs, instanceId);
      if (await isThere(folder)) await os.giveFolder(folder, { userId });
      logs.note(instanceId, `user-given uid=${userId}`);
    }
    if (port !== record.port) logs.note(instanceId, `port-moved port=${record.port} to=${port}`);
    const next = { ...record, userId, port };
    // Files first: a cut between the two is mended by the same again.
    if (port !== record.port) await writeFiles({ os, manifest, values: placeholderValues(needs, next), user: userOf(next) }, holdsPort);
    await instances.save(next, true);
    await needs.guardPorts();
    return next;
  });
}
