import { FarmError } from '#contract/errors.ts';
import type { ServerId } from '#contract/ids.ts';
import type { Tables } from '../ports/store.ts';

/**
 * Throws `SERVER_NOT_EMPTY`: a row that names the server is an instance on it, or room that is kept for one. Inside the transaction that marks the
 * server as leaving it holds for as long as the mark does.
 */
export async function refuseInhabited(tables: Pick<Tables, 'instances'>, serverId: ServerId, name: string): Promise<void> {
  const instances = (await tables.instances.find({ serverId })).length;
  if (instances > 0) throw new FarmError('SERVER_NOT_EMPTY', { server: name, instances });
}
