import { implement } from '@orpc/server';
import { monitoring as contract } from '#contract/api/monitoring.ts';
import type { RequestContext } from '../../ports/request.ts';
import { findReference, type FindReferenceDeps } from './find-reference.ts';
import type { HistoryService } from './history-service.ts';
import type { SnapshotService } from './snapshot-service.ts';

export function createMonitoringRouter(snapshots: SnapshotService, history: HistoryService, finding: FindReferenceDeps) {
  const os = implement(contract).$context<RequestContext>();
  return os.router({
    find: os.find.handler(({ input }) => findReference(finding, input.reference)),
    watch: os.watch.handler(({ signal }) => snapshots.watch(signal)),
    serverHistory: os.serverHistory.handler(({ input }) => history.server(input.serverId, input)),
    instanceHistory: os.instanceHistory.handler(({ input }) => history.instance(input.instanceId, input)),
  });
}
