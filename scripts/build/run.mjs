import { canBuild, inputHash, markBuilt, parts } from '../lib/parts.mjs';
import { say } from '../lib/words.mjs';
import { buildAgent } from './agent.mjs';
import { buildElectron, buildShells } from './main-process.mjs';
import { buildNameServer } from './name-server.mjs';
import { buildWindow } from './window.mjs';

// Runs on the pinned Node, with the parts to build as arguments. Staleness was decided by the caller.
const builders = { agent: buildAgent, window: buildWindow, electron: buildElectron, shells: buildShells, 'name-server': buildNameServer };

const results = await Promise.all(
  parts
    .filter((part) => process.argv.includes(part.name) && canBuild(part))
    .map(async (part) => {
      const hash = inputHash(part);
      try {
        await builders[part.name]();
        markBuilt(part, hash);
        return true;
      } catch (error) {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n${say('buildFailed', { part: part.name })}\n`);
        return false;
      }
    }),
);
process.exitCode = results.every(Boolean) ? 0 : 1;
