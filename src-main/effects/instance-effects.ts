import { type CustomerFacts, createCustomerRowEffect } from './customer-row.ts';
import type { CustomerId } from '#contract/ids.ts';
import type { InstanceRef, OnServer } from '../checks/site.ts';
import type { Effect } from './effect.ts';
import { createFilesEffect, type FilesDeps, type FilesFacts, type FilesWanted } from './files.ts';
import { createFollowingRecordEffect, type FollowingFacts, type FollowingWanted } from './following-record.ts';
import { createInstanceNetworkEffect, type NetworkFacts, type NetworkWanted } from './instance-network.ts';
import { createInstanceRowEffect, type InstanceRowDeps, type RowFacts, type RowWanted } from './instance-row.ts';
import { createProcessEffect, type ProcessDeps, type ProcessFacts, type ProcessWanted } from './process.ts';
import { createRecordEffect, type RecordDeps, type RecordFacts, type RecordWanted } from './record.ts';
import { createRoomEffect, type RoomFacts, type RoomTarget, type RoomWanted } from './room.ts';
import { createRouteEffect, type RouteDeps, type RouteFacts, type RouteWanted } from './route.ts';
import { type CertificateFacts, type CertificateTarget, createServerCertificateEffect } from './server-certificate.ts';
import { createServerPackageEffect, type PackageDeps, type PackageFacts } from './server-package.ts';

/** Everything in the world that belongs to an instance. */
export type InstanceEffects = {
  readonly row: Effect<InstanceRef, RowWanted, RowFacts>;
  readonly customer: Effect<CustomerId, object, CustomerFacts>;
  readonly room: Effect<RoomTarget, RoomWanted, RoomFacts>;
  readonly record: Effect<InstanceRef, RecordWanted, RecordFacts>;
  readonly following: Effect<OnServer, FollowingWanted, FollowingFacts>;
  readonly pack: Effect<OnServer, object, PackageFacts>;
  readonly files: Effect<OnServer, FilesWanted, FilesFacts>;
  readonly process: Effect<OnServer, ProcessWanted, ProcessFacts>;
  readonly network: Effect<OnServer, NetworkWanted, NetworkFacts>;
  readonly certificate: Effect<CertificateTarget, object, CertificateFacts>;
  readonly route: Effect<OnServer, RouteWanted, RouteFacts>;
};

export type InstanceEffectDeps = FilesDeps &
  InstanceRowDeps &
  ProcessDeps &
  RecordDeps &
  RouteDeps &
  PackageDeps &
  Omit<Parameters<typeof createRoomEffect>[0], 'pack'> &
  Parameters<typeof createServerCertificateEffect>[0];

export function createInstanceEffects(deps: InstanceEffectDeps): InstanceEffects {
  const pack = createServerPackageEffect(deps);
  const record = createRecordEffect(deps);
  return {
    row: createInstanceRowEffect(deps),
    customer: createCustomerRowEffect(deps),
    room: createRoomEffect({ ...deps, pack }),
    record,
    following: createFollowingRecordEffect(deps, record),
    pack,
    files: createFilesEffect(deps),
    process: createProcessEffect(deps),
    network: createInstanceNetworkEffect(deps),
    certificate: createServerCertificateEffect(deps),
    route: createRouteEffect(deps),
  };
}
