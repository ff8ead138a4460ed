/** A worker of the edge as it is, which tells its main process of its turns besides. */
import { bugsTo } from '../../../agent/edge/edge-log.ts';
import { runWorker } from '../../../agent/edge/worker-main.ts';
import { watchForBugs } from '../../../agent/os/watch-for-bugs.ts';
import { measureTurns } from './turns.ts';

runWorker((log) => {
  watchForBugs(bugsTo(log));
  // What it takes to begin is nobody's attack.
  setTimeout(() => measureTurns((turn) => log.write('turn', turn)), 1000);
});
