import type { ActOf } from '#contract/catalogue/job-acts.ts';
import { type FarmId, serverId as serverIdSchema } from '#contract/ids.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { Ids } from '../../ports/ids.ts';
import { withPort } from './begin-join.ts';

/** What a join would be, for its rehearsal: from the request alone. */
export function foreseeJoin(deps: { readonly ids: Ids; readonly farmId: () => FarmId }, { name, address }: ActOf<'join-server'>): Foreseen {
  const serverId = serverIdSchema.parse(deps.ids.uuid());
  const input = { serverId, farmId: deps.farmId(), name, address: withPort(address), sealedCode: '' };
  return { input, parameters: { name, server: name } };
}
