import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isFarmError } from '#contract/errors.ts';
import { sha256 } from '#contract/ids.ts';
import type { AgentLog, EdgeControl } from './ports.ts';

/**
 * A new agent brings a new edge bundle: the edge that runs hands its sockets over to one of that bundle, and no visitor notices. When it fails
 * the old one goes on serving, and the next start of the agent tries again. True when a hand-over took place.
 */
export async function bringEdgeAlong(edge: Pick<EdgeControl, 'status' | 'upgrade'>, bundlePath: string, log: AgentLog): Promise<boolean> {
  try {
    const hash = sha256.parse(
      createHash('sha256')
        .update(await readFile(bundlePath))
        .digest('hex'),
    );
    const before = await edge.status();
    if (before.bundleSha256 === hash) return false;
    const after = await edge.upgrade(bundlePath, hash);
    log.info('edge.upgraded', { from: before.bundleSha256, to: after.bundleSha256, processId: after.processId });
    return true;
  } catch (error) {
    if (isFarmError(error)) log.warn('edge.upgrade', { code: error.code, parameters: error.parameters });
    else log.bug(error, { at: 'edge.upgrade' });
    return false;
  }
}
