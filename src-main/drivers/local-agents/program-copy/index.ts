import { rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/request.ts';
import type { AgentProgram, AgentProgramSource } from '../agent-program.ts';
import { type ProgramContents, readContents } from './contents.ts';
import { ensureCopy } from './copy-program.ts';
import { type FoldersInUse, sweepCopies } from './sweep-copies.ts';

export type ProgramCopyOptions = {
  /** What the installation has. It may be a mount that goes away with this program, or be replaced while agents run. */
  readonly installed: AgentProgram;
  readonly version: string;
  /** Where copies lie, one folder a version; only ours are in it. */
  readonly root: string;
  readonly foldersInUse: FoldersInUse;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
};

/**
 * The agents' program, copied once per version into a folder of the person's data, so that nothing that lives on runs from the installation. The copy is
 * made when it is first asked for, and looked at each time; then, once, what no agent uses any more is swept beside that. The answer throws what
 * `ensureCopy` throws.
 */
export function createProgramCopy(options: ProgramCopyOptions): AgentProgramSource {
  const { installed, version, root, log, clock } = options;
  // Once read it counts: an update may exchange the installation under this program, or an uninstaller take it away.
  let contents: Promise<ProgramContents> | undefined;
  let ensuring: Promise<AgentProgram> | undefined;
  let isSwept = false;
  let markedMs = 0;

  const sweep = async (keep: string): Promise<void> => {
    try {
      const swept = await sweepCopies({ root, keep, markedMs, foldersInUse: options.foldersInUse, clock });
      if (swept.removed.length + swept.kept.length > 0) log.info('agent-program.swept', swept);
    } catch (error) {
      log.warn('agent-program.not-swept', { error: String(error) });
    }
  };
  const ensure = async (): Promise<AgentProgram> => {
    contents ??= readContents(installed, version);
    const startedMs = performance.now();
    let known: ProgramContents;
    try {
      known = await contents;
    } catch (error) {
      contents = undefined;
      throw error;
    }
    const outcome = await ensureCopy(root, known, () => (markedMs = clock.nowMs())).catch((error: unknown) => {
      // An installation that was exchanged meanwhile is read afresh the next time.
      contents = undefined;
      throw error;
    });
    const folder = join(root, known.folderName);
    if (outcome !== 'whole') log.info(`agent-program.${outcome}`, { folder, durationMs: Math.round(performance.now() - startedMs) });
    // Beside the start: it neither waits for that nor fails with it.
    if (!isSwept) void sweep(known.folderName);
    isSwept = true;
    return {
      runtime: join(folder, 'bin', basename(installed.runtime)),
      agentBundlePath: join(folder, 'agent', basename(installed.agentBundlePath)),
    };
  };
  return {
    find: () => {
      ensuring ??= ensure().finally(() => {
        ensuring = undefined;
      });
      return ensuring;
    },
    tidy: async () => {
      await sweep('');
      // Only when nothing is left in it.
      await rmdir(root).catch(() => undefined);
    },
  };
}
