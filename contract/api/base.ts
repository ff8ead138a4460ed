import { type ErrorMap, oc } from '@orpc/contract';
import * as z from 'zod';
import { type ErrorCode, errorTable } from '../errors.ts';
import { type Permission, requestKey } from '../ids.ts';

/** What every procedure says of itself. One middleware reads it (`src-main/services/operators/middleware.ts`). */
export type ProcedureMeta = {
  readonly permission: Permission;
  /** Input or answer hold a secret: neither is kept in the clear with the request key. */
  readonly hasSecrets?: boolean;
  /** Changes nothing, though not everybody may see it: it takes no request key. */
  readonly isRead?: boolean;
};

type Errors = { [C in ErrorCode]: { status: (typeof errorTable)[C]['status']; data: (typeof errorTable)[C]['data'] } };
const errors = errorTable satisfies ErrorMap as Errors;

const base = oc.$meta<ProcedureMeta>({ permission: 'look' }).errors(errors);

export const look = base.meta({ permission: 'look' });
export const operate = base.meta({ permission: 'operate' });
/** Tells what not everybody who may look should see, and changes nothing. */
export const inspect = base.meta({ permission: 'operate', isRead: true });
export const own = base.meta({ permission: 'own' });

/** Every write's input: the request key makes a repeat within seven days the same act. A read takes none, and minds none. */
export const write = <S extends z.ZodRawShape>(shape: S) => z.object({ requestKey, ...shape });

/** Six marks for every state in the program (never colour alone). */
export const mark = z.enum(['good', 'working', 'warning', 'bad', 'paused', 'unknown']);
export type Mark = z.infer<typeof mark>;

/** Parameters of a sentence. */
export const parameters = z.record(z.string(), z.union([z.string(), z.number()]));

export const resources = z.object({ memoryBytes: z.number(), cpuMillicores: z.number(), diskBytes: z.number() });
export type Resources = z.infer<typeof resources>;
/** What was measured of each; one that is not there was not measured. */
export const measuredResources = resources.partial();
export type MeasuredResources = z.infer<typeof measuredResources>;
