import { base64 } from '@scure/base';
import type { PayloadRef } from '#contract/agent/packages.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { AgentReads } from '../ports/agent-link.ts';
import type { AgentWrites } from '../ports/agent-writes.ts';

export type Progress = { readonly sentBytes: number; readonly totalBytes: number };

/** Base64 makes four bytes of three; the contract's pieces hold at most 1 MiB. */
const pieceBytes = 1024 ** 2;

/** Pieces that may be answered without any getting further before it counts as cut. */
const mostStandstills = 3;

/**
 * Sends what the agent does not have yet, from where it stopped. The agent says how much it has after each piece; where that is not what we
 * thought (another link sent it, or it was thrown away), we go on from there. Throws `PAYLOAD_CUT` when it does not get further.
 */
export async function sendPayload(
  agent: { readonly reads: AgentReads['packages']; readonly writes: AgentWrites['packages'] },
  payload: PayloadRef,
  read: (offset: number, length: number) => Promise<Uint8Array>,
  options: { readonly packageId: string; readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<void> {
  const { packageId, signal, onProgress } = options;
  const status = await agent.reads.status({ payload: payload.sha256 }, { signal });
  if (status.isInstalled) return;
  let { haveBytes } = status;
  onProgress({ sentBytes: haveBytes, totalBytes: payload.sizeBytes });
  let standstills = 0;
  while (haveBytes < payload.sizeBytes) {
    signal.throwIfAborted();
    const piece = await read(haveBytes, pieceBytes);
    const before = haveBytes;
    try {
      ({ haveBytes } = await agent.writes.upload({ payload, offset: haveBytes, data: base64.encode(piece) }, { signal }));
    } catch (error) {
      if (!isFarmError(error, 'PAYLOAD_CUT')) throw error;
      ({ haveBytes } = await agent.reads.status({ payload: payload.sha256 }, { signal }));
    }
    standstills = haveBytes > before ? 0 : standstills + 1;
    if (standstills >= mostStandstills) throw new FarmError('PAYLOAD_CUT', { packageId, haveBytes, wantBytes: payload.sizeBytes });
    onProgress({ sentBytes: haveBytes, totalBytes: payload.sizeBytes });
  }
}
