import { type EdgeLog, limitLines } from './edge-log.ts';
import { EdgeWorker } from './worker.ts';
import type { FromWorker } from './worker-messages.ts';

/**
 * The process of one worker, whose main process is its parent. Its folder is where it stands: it may not be able to pass those above. `watch` gets the log for
 * what nobody expected.
 */
export function runWorker(watch: (log: EdgeLog) => void): void {
  process.title = 'farm-edge-worker';
  const say = (message: FromWorker): void => {
    if (process.connected) process.send?.(message, undefined, {}, () => undefined);
  };
  const isRoom = limitLines(Date.now);
  const log: EdgeLog = {
    write: (event, fields = {}) => {
      if (isRoom()) say({ say: 'log', event, fields });
    },
  };
  watch(log);
  const worker = new EdgeWorker({ folder: '.', log, say, end: () => process.exit(0) });
  process.on('message', (message, socket) => worker.heard(message, socket));
  process.on('disconnect', () => worker.orphaned());
}
