import type { EdgeLog } from './edge-log.ts';
import { EdgeWorker } from './worker.ts';
import type { StartWorker } from './worker-link.ts';

/** The worker in this very process, where sockets cannot be given to a child: it ends when the process does. */
export function workerHere(folder: string, log: EdgeLog): StartWorker {
  return ({ said, gone }) => {
    const worker = new EdgeWorker({ folder, log, say: (message) => queueMicrotask(() => said(message)), end: () => gone('empty') });
    return {
      processId: 0,
      send: (message, socket, sent) => {
        worker.heard(message, socket);
        sent?.();
      },
      end: () => queueMicrotask(() => gone('ended')),
    };
  };
}
