/** Bounds of what one instance's upstream is asked for at a time. Connections over loopback are cheap; what is slow has a share. */
export type UpstreamLimits = {
  /** Requests of one instance under way at the same time. */
  readonly connections: number;
  /** WebSockets of one instance. */
  readonly webSockets: number;
  /** Requests that wait for one of those connections, in all and for one visitor's address. */
  readonly waiting: number;
  readonly waitingPerAddress: number;
  /** Whoever waited so long sees the page that says so. */
  readonly busyAfterMs: number;
  /** From then on a request counts as slow: it makes way when all connections are taken and its visitor has more than others. */
  readonly slowAfterMs: number;
  /** Until the connection stands, the answer's head is there, and between two pieces of it. */
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly betweenPiecesMs: number;
  /** An idle connection is kept so long; less where the upstream says so. Node closes after 5 s. */
  readonly idleMs: number;
  /** How often time is looked at. */
  readonly lookMs: number;
};

export const usualUpstreamLimits: UpstreamLimits = {
  // With its WebSockets well below the open files that an instance may have: 2,000 slow visitors at one instance take nothing from others there.
  connections: 2048,
  webSockets: 4096,
  waiting: 256,
  waitingPerAddress: 64,
  busyAfterMs: 5000,
  slowAfterMs: 5000,
  connectMs: 5000,
  // Generous, because applications import, export and think; a visitor who leaves ends it earlier.
  firstByteMs: 300_000,
  // Long polls and event streams are silent for minutes.
  betweenPiecesMs: 900_000,
  idleMs: 4000,
  lookMs: 1000,
};
