import * as z from 'zod';
import { addressType } from '../../model/domains/server-addresses.ts';
import type { CreateInput, RemoveInput } from './instance-job.ts';

type Checkpoint = Readonly<Record<string, unknown>>;
type CheckpointOf = (step: string) => Checkpoint;

const records = z.array(z.object({ type: z.string(), value: z.string() }));
const created = z.object({
  serverId: z.string().optional(),
  values: z.array(z.string()).optional(),
  wasOn: z.boolean().optional(),
  manifestHash: z.string().optional(),
  payload: z.string().optional(),
  port: z.string().optional(),
  folder: z.string().optional(),
  user: z.string().optional(),
});

/** What version 1 saved of a step that had begun, as parts have it: homes of the first releases hold jobs that were stopped. */
export function readOldCreate(_input: CreateInput, step: string, checkpoint: CheckpointOf): Checkpoint {
  const old = created.catch({}).parse(checkpoint(step));
  switch (step) {
    case 'place':
      return { parts: { room: { before: 'absent', ...(old.serverId === undefined ? {} : { after: { serverId: old.serverId } }) } } };
    case 'dns': {
      const values = old.values ?? [];
      const after = { records: values.map((value) => ({ type: addressType(value), value })), stands: true, led: null };
      return { parts: { record: { before: 'absent', noted: { values }, ...(values.length === 0 ? {} : { after }) } } };
    }
    case 'package': {
      const { manifestHash, payload } = old;
      const isBrought = manifestHash !== undefined && payload !== undefined;
      return { parts: { package: { before: 'absent', ...(isBrought ? { after: { manifestHash, payload, isWhole: true } } : {}) } } };
    }
    case 'setup': {
      const { port, folder = '', user = '' } = old;
      return { parts: { files: { before: 'absent', ...(port === undefined ? {} : { after: { isMade: true, port, folder, user } }) } } };
    }
    case 'route':
      return { parts: { certificate: { before: 'absent' } } };
    default:
      return { parts: {} };
  }
}

/** The same of a removal. What stood before it follows from what was desired of the instance, and from what its first step wrote down. */
export function readOldRemove(input: RemoveInput, step: string, checkpoint: CheckpointOf): Checkpoint {
  const check = checkpoint('check');
  const wasMade = input.wish === 'made';
  switch (step) {
    case 'route': {
      const shows = input.wish === 'running' ? 'running' : input.wish === 'suspended' ? 'suspended' : 'broken';
      return { parts: { route: { before: wasMade ? 'absent' : { shows, port: '' } } } };
    }
    case 'dns': {
      const found = records.safeParse(check.records).data ?? [];
      return { parts: { record: { before: found.length === 0 ? 'absent' : { records: found, stands: true, led: null } } } };
    }
    case 'stop': {
      const wanted = input.wish === 'running' ? 'running' : 'stopped';
      return { parts: { process: { before: wasMade ? 'absent' : { wanted, state: 'none', health: 'unknown' } } } };
    }
    case 'folder':
      return {
        parts: { files: { before: { isMade: true, port: typeof check.port === 'string' ? check.port : '', folder: '', user: '' } } },
      };
    case 'package':
      return { parts: { package: { before: 'absent', isKept: checkpoint(step).isKept === true } } };
    default:
      return { parts: {} };
  }
}
