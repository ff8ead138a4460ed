import type { ProcessIdentity } from '../os/host-os.ts';
import type { HeldInstance } from './held-instance.ts';
import { limitsOf } from './instance-limits.ts';

/** What one that is asked to end may write yet, to save what it has: this part of its plan's disk. */
const lastShare = 0.02;

/** Who writes on the disk of an instance: all in its group, else its first process. */
export function writersOf({ needs, instanceId, identity }: HeldInstance): readonly ProcessIdentity[] {
  const members = needs.limits.membersOf(instanceId);
  return members.length > 0 || identity === undefined ? members : [identity];
}

/** Says, each time it is asked, whether an instance has written more since now than one that only ends does. */
export function goesOnWriting(held: HeldInstance): () => boolean {
  const written = (): number => writersOf(held).reduce((sum, writer) => sum + (held.needs.os.transfer(writer)?.outBytes ?? 0), 0);
  const mostBytes = limitsOf(held.record.spec).fileBytes * lastShare;
  const before = written();
  return () => written() - before > mostBytes;
}
