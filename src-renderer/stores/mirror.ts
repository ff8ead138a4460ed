import { create } from 'zustand';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import type { CoreClient } from '../lib/core-client.ts';
import { followStream } from '../lib/follow-stream.ts';
import { applyMirrorEvent, type MirrorData } from './mirror-patches.ts';
import { memoByInput, sortedJobs, sortedServers, sortedAlerts } from './mirror-sorting.ts';

export type MirrorStatus =
  /** Nothing has come yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live' }
  /** The last values are shown; `sinceMs` is when the stream was cut. */
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly failure: Failure };

export type MirrorState = {
  readonly status: MirrorStatus;
  readonly data: MirrorData | undefined;
  /** The core's clock minus this computer's, from the newest event. */
  readonly offsetMs: number;
  /** This computer's time of the newest event. */
  readonly receivedAtMs: number | undefined;
};

export const useMirror = create<MirrorState>(() => ({
  status: { kind: 'waiting' },
  data: undefined,
  offsetMs: 0,
  receivedAtMs: undefined,
}));

/** Keeps the mirror of this core until its disposer is called. */
export function followMirror(core: CoreClient, nowMs: () => number = Date.now): () => void {
  return followStream({
    open: (options) => core.monitoring.watch(undefined, { signal: options.signal }),
    onEvent: (event) => {
      const data = applyMirrorEvent(useMirror.getState().data, event);
      if (data === 'gap') return 'again';
      const receivedAtMs = nowMs();
      useMirror.setState({ status: { kind: 'live' }, data, receivedAtMs, offsetMs: event.atMs - receivedAtMs });
      return undefined;
    },
    onState: (state) => {
      if (state.kind !== 'waiting' && state.kind !== 'refused') return;
      const { status } = useMirror.getState();
      const sinceMs = status.kind === 'lost' ? status.sinceMs : nowMs();
      useMirror.setState({ status: { kind: 'lost', sinceMs, failure: state.failure } });
    },
  });
}

const none: ReadonlyMap<string, never> = new Map<string, never>();
const serversInOrder = memoByInput(sortedServers);
const jobsInOrder = memoByInput(sortedJobs);
const alertsInOrder = memoByInput(sortedAlerts);

/** True once the first snapshot has come. */
export const selectIsKnown = (mirror: MirrorState): boolean => mirror.data !== undefined;
/** True while what is shown is not being renewed: old values look old. */
export const selectIsOld = (mirror: MirrorState): boolean => mirror.status.kind === 'lost';
export const selectFarm = (mirror: MirrorState) => mirror.data?.state.farm;
export const selectDemoStep = (mirror: MirrorState) => mirror.data?.state.demoStep ?? 'none';
/** Why the demo farm's start or removal stopped. The same object until the core's state changes. */
export const selectDemoFailure = (mirror: MirrorState) => mirror.data?.state.demoFailure;
export const selectTotals = (mirror: MirrorState) => mirror.data?.state.totals;
export const selectAnswerSpark = (mirror: MirrorState) => mirror.data?.state.answerSpark;
export const selectTimeZone = (mirror: MirrorState): string =>
  mirror.data?.state.farm?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
/** By name. The same array while no server changed. */
export const selectServers = (mirror: MirrorState): readonly ServerView[] => serversInOrder(mirror.data?.servers ?? none);
/** Newest first. */
export const selectJobs = (mirror: MirrorState): readonly JobView[] => jobsInOrder(mirror.data?.jobs ?? none);
/** Worst first, then newest. */
export const selectAlerts = (mirror: MirrorState): readonly Alert[] => alertsInOrder(mirror.data?.alerts ?? none);
export const selectServerByName = (name: string) => (mirror: MirrorState) => selectServers(mirror).find((server) => server.name === name);
export const selectJob = (id: string) => (mirror: MirrorState) => mirror.data?.jobs.get(id);
/** This computer's clock corrected to the core's: the clock of every age that is shown. */
export const coreNowMs = (): number => Date.now() + useMirror.getState().offsetMs;
