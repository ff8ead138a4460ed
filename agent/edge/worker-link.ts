import type { BoundSocket } from '#kit/node/bound-socket.ts';

/** The main process's end of one worker. */
export type WorkerLink = {
  /** 0 where it is no process of its own. */
  readonly processId: number;
  /** `sent` is called when it is on its way, or never will be. */
  readonly send: (message: object, socket?: BoundSocket, sent?: () => void) => void;
  /** Ends it at once. */
  readonly end: () => void;
};
export type WorkerEars = {
  /** What it says, as it came: to be checked. */
  readonly said: (message: unknown) => void;
  /** Called once; `how` says why for the log. */
  readonly gone: (how: string) => void;
};
export type StartWorker = (ears: WorkerEars) => WorkerLink;
