import { os } from '@orpc/server';
import * as z from 'zod';
import type { ProcedureMeta } from '#contract/api/base.ts';
import { jobType } from '#contract/api/jobs.ts';
import { isSparing } from '#contract/catalogue/jobs.ts';
import { permission, requestKey } from '#contract/ids.ts';
import { type By, demand } from '../../model/operators/by.ts';
import type { SpaceKeeper } from '../../ports/home-space.ts';
import type { Log, RequestContext } from '../../ports/request.ts';
import { countStream } from './count-streams.ts';
import { namingText } from './invalid-text.ts';
import { toWireError, withWireErrors } from './coded-errors.ts';
import type { RequestKeys } from './request-keys.ts';

const metaSchema = z.object({ permission, hasSecrets: z.boolean().optional(), isRead: z.boolean().optional() });
const keyed = z.object({ requestKey });

/** What takes away is possible on a full disk too: the room that is kept back is for starting and for this. */
export const cleaning: ReadonlySet<string> = new Set([
  'domains.dropWildcard',
  'domains.remove',
  'instances.remove',
  'instances.stop',
  'instances.suspend',
  'jobs.cancel',
  'jobs.continue',
  'jobs.undo',
  'servers.remove',
  'settings.removeDemo',
]);
const begun = z.object({ act: z.object({ type: jobType }) });
/** The one procedure for many types asks the type's row. */
function isCleaning(procedure: string, input: unknown): boolean {
  if (procedure !== 'jobs.begin') return cleaning.has(procedure);
  const { data } = begun.safeParse(input);
  return data !== undefined && isSparing(data.act.type);
}
/** The rows of a removal with all its steps, measured in 2026: below 400 kB of the store's log. */
const cleanNeedsBytes = 512 * 1024;

/** By whom and under which key a write is done. */
export function byOf(context: RequestContext, input: { readonly requestKey: string }): By {
  return { actor: context.actor, permission: context.permission, requestKey: input.requestKey };
}

/**
 * The one middleware before every procedure: its permission, its request key, its errors. A procedure without a permission in its contract does not
 * pass. Applied once, at the root of the router.
 */
export function createMiddleware(deps: {
  readonly log: Log;
  readonly requestKeys: RequestKeys;
  readonly space: Pick<SpaceKeeper, 'secure'>;
}) {
  return os.$context<RequestContext>().middleware(async ({ context, next, path, procedure, signal }, input, output) => {
    try {
      const meta: ProcedureMeta = metaSchema.parse(procedure['~orpc'].meta) as ProcedureMeta;
      demand(context.permission, meta.permission);
      if (isCleaning(path.join('.'), input)) deps.space.secure(cleanNeedsBytes);
      // A key makes a repeat of a write the same act. A read changes nothing and is answered anew each time, whatever was sent with it.
      const key = meta.permission === 'look' || meta.isRead === true ? undefined : keyed.safeParse(input);
      if (key?.success !== true) {
        const result = await next();
        const counted = countStream(result.output, context.streams, signal);
        return { ...result, output: withWireErrors(counted, deps.log, path) };
      }
      const answer = await deps.requestKeys.once(
        path.join('.'),
        byOf(context, key.data),
        input,
        meta.hasSecrets === true,
        async () => (await next()).output,
      );
      return output(answer);
    } catch (error) {
      throw toWireError(namingText(error), deps.log, path);
    }
  });
}
