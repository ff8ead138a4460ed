import { FarmError } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { InstanceServiceDeps } from './instance-service.ts';

/** What a job of an instance that is there would be, for its rehearsal. Throws `NOT_FOUND`. */
export async function foreseeInstance(deps: Pick<InstanceServiceDeps, 'store' | 'packages' | 'farm'>, id: InstanceId): Promise<Foreseen> {
  const row = await deps.store.instances.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name: id });
  const { name, domainId, packageId, planId, serverId, wish } = row;
  const domain = await deps.store.domains.get(domainId);
  const { manifest } = await deps.packages.manifest(packageId);
  return {
    input: { instanceId: id, name, domainId, packageId, planId, serverId, wish: wish === 'removed' ? 'made' : wish },
    parameters: {
      host: domain === undefined ? name : `${name}.${domain.name}`,
      domain: domain?.name ?? '',
      application: localizedText(manifest.name, deps.farm().language),
    },
  };
}
