import { basename, join } from 'node:path';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/request.ts';
import type { AgentProgram, FindAgentProgram } from '../agent-program.ts';
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
export function createProgramCopy(options: ProgramCopyOptions): FindAgentProgram {
  const { installed, version, root, log, clock } = options;
  // Once read it counts: an update may exchange the installation under this program, or an uninstaller take it away.
  let contents: Promise<ProgramContents> | undefined;
  let ensuring: Promise<AgentProgram> | undefined;
  let isSwept = false;

  const sweep = (keep: string): void => {
    if (isSwept) return;
    isSwept = true;
    sweepCopies({ root, keep, foldersInUse: options.foldersInUse, clock }).then(
      (swept) => {
        if (swept.removed.length + swept.kept.length > 0) log.info('agent-program.swept', swept);
      },
      (error: unknown) => log.warn('agent-program.not-swept', { error: String(error) }),
    );
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
    const outcome = await ensureCopy(root, known, clock).catch((error: unknown) => {
      // An installation that was exchanged meanwhile is read afresh the next time.
      contents = undefined;
      throw error;
    });
    const folder = join(root, known.folderName);
    if (outcome !== 'whole') log.info(`agent-program.${outcome}`, { folder, durationMs: Math.round(performance.now() - startedMs) });
    sweep(known.folderName);
    return {
      runtime: join(folder, 'bin', basename(installed.runtime)),
      agentBundlePath: join(folder, 'agent', basename(installed.agentBundlePath)),
    };
  };
  return () => {
    ensuring ??= ensure().finally(() => {
      ensuring = undefined;
    });
    return ensuring;
  };
}
