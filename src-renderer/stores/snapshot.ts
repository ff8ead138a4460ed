import { create } from 'zustand';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import type { CoreClient } from '../lib/core-client.ts';
import { followStream } from '../lib/follow-stream.ts';
import { applySnapshotEvent, type SnapshotData } from './snapshot-patches.ts';
import { memoByInput, sortedJobs, sortedServers, sortedAlerts } from './snapshot-sorting.ts';

export type SnapshotStatus =
  /** Nothing has come yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live' }
  /** The last values are shown; `sinceMs` is when the stream was cut. */
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly failure: Failure };

export type SnapshotState = {
  readonly status: SnapshotStatus;
  readonly data: SnapshotData | undefined;
  /** The core's clock minus this computer's, from the newest event. */
  readonly offsetMs: number;
  /** This computer's time of the newest event. */
  readonly receivedAtMs: number | undefined;
};

export const useSnapshot = create<SnapshotState>(() => ({
  status: { kind: 'waiting' },
  data: undefined,
  offsetMs: 0,
  receivedAtMs: undefined,
}));

/** Keeps the live snapshot of this core until its disposer is called. */
export function followSnapshot(core: CoreClient, nowMs: () => number = Date.now): () => void {
  return followStream({
    open: (options) => core.monitoring.watch(undefined, { signal: options.signal }),
    onEvent: (event) => {
      const data = applySnapshotEvent(useSnapshot.getState().data, event);
      if (data === 'gap') return 'again';
      const receivedAtMs = nowMs();
      useSnapshot.setState({ status: { kind: 'live' }, data, receivedAtMs, offsetMs: event.atMs - receivedAtMs });
      return undefined;
    },
    onState: (state) => {
      if (state.kind !== 'waiting' && state.kind !== 'refused') return;
      const { status } = useSnapshot.getState();
      const sinceMs = status.kind === 'lost' ? status.sinceMs : nowMs();
      useSnapshot.setState({ status: { kind: 'lost', sinceMs, failure: state.failure } });
    },
  });
}

const none: ReadonlyMap<string, never> = new Map<string, never>();
const serversInOrder = memoByInput(sortedServers);
const jobsInOrder = memoByInput(sortedJobs);
const alertsInOrder = memoByInput(sortedAlerts);

/** True once the first snapshot has come. */
export const selectIsKnown = (snapshot: SnapshotState): boolean => snapshot.data !== undefined;
/** True while what is shown is not being renewed: old values look old. */
export const selectIsOld = (snapshot: SnapshotState): boolean => snapshot.status.kind === 'lost';
export const selectFarm = (snapshot: SnapshotState) => snapshot.data?.state.farm;
export const selectDemoStep = (snapshot: SnapshotState) => snapshot.data?.state.demoStep ?? 'none';
/** Why the demo farm's start or removal stopped. The same object until the core's state changes. */
export const selectDemoFailure = (snapshot: SnapshotState) => snapshot.data?.state.demoFailure;
export const selectTotals = (snapshot: SnapshotState) => snapshot.data?.state.totals;
export const selectAnswerSpark = (snapshot: SnapshotState) => snapshot.data?.state.answerSpark;
export const selectTimeZone = (snapshot: SnapshotState): string =>
  snapshot.data?.state.farm?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
/** By name. The same array while no server changed. */
export const selectServers = (snapshot: SnapshotState): readonly ServerView[] => serversInOrder(snapshot.data?.servers ?? none);
/** Newest first. */
export const selectJobs = (snapshot: SnapshotState): readonly JobView[] => jobsInOrder(snapshot.data?.jobs ?? none);
/** Worst first, then newest. */
export const selectAlerts = (snapshot: SnapshotState): readonly Alert[] => alertsInOrder(snapshot.data?.alerts ?? none);
export const selectServerByName = (name: string) => (snapshot: SnapshotState) =>
  selectServers(snapshot).find((server) => server.name === name);
export const selectJob = (id: string) => (snapshot: SnapshotState) => snapshot.data?.jobs.get(id);
/** This computer's clock corrected to the core's: the clock of every age that is shown. */
export const coreNowMs = (): number => Date.now() + useSnapshot.getState().offsetMs;
