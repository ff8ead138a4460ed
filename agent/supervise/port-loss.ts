import type { ProcessIdentity } from '../os/host-os.ts';
import type { InstanceRecord } from '../ports.ts';
import { type SupervisorNeeds, userOf } from './needs.ts';

/** Somebody else was quicker at the port of an instance that starts. */
export class PortLost extends Error {
  readonly owner: string;
  constructor(owner: string) {
    super(`port lost to ${owner}`);
    this.owner = owner;
  }
}

/** So often in a row an instance is moved at once; after that it counts as one that crashes, and is tried later and later. */
export const mostMoves = 5;

/** Who has the port of an instance that ended; undefined when nobody has, or what is left of itself. */
export function portTakenBy({ os }: SupervisorNeeds, record: InstanceRecord, identity: ProcessIdentity): string | undefined {
  const seen = os.listening(record.port, { identity, user: userOf(record) });
  return seen.by === 'stranger' ? seen.owner : undefined;
}

/** A program's name as a note of a log can hold it. */
export const plainName = (owner: string): string => owner.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
