import type { Store } from '../../ports/store.ts';
import type { PlacedSite } from './work.ts';

/** True when another instance stands, or is being placed, on the same server with the same package. */
export async function isSharedOn(store: Pick<Store, 'instances'>, site: PlacedSite): Promise<boolean> {
  const there = await store.instances.find({ serverId: site.server.id, packageId: site.packageId });
  return there.some((row) => row.id !== site.instanceId);
}
