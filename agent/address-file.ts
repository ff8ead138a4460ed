import { rm } from 'node:fs/promises';
import { isFarmError } from '#contract/errors.ts';
import type { AgentLog, EdgeControl } from './ports.ts';
import { writeFileAtomically } from './state/atomic-file.ts';

export type AddressFileOptions = {
  readonly path: string;
  readonly edge: Pick<EdgeControl, 'health' | 'listeners' | 'onHealth'>;
  readonly log: AgentLog;
  /** What does not change as long as this agent lives. */
  readonly agent: {
    readonly processId: number;
    readonly startMark: string;
    readonly linkPort: number;
    readonly version: string;
    readonly startedAtMs: number;
  };
};

/**
 * Says in the home who its agent is, where it listens, and what became of the edge's ports: for whoever started it on this computer. Written again when
 * the edge's health changes. Throws `DISK_FULL` when the first cannot be written. `close` removes it.
 */
export async function keepAddressFile({ path, edge, log, agent }: AddressFileOptions): Promise<{ readonly close: () => Promise<void> }> {
  const write = (): Promise<void> => {
    const { https, http } = edge.listeners();
    return writeFileAtomically(path, JSON.stringify({ ...agent, httpsPort: https.port, httpPort: http.port, edge: edge.health() }));
  };
  let writing = write();
  await writing;
  const stopListening = edge.onHealth(() => {
    writing = writing.then(write).catch((error: unknown) => {
      log.warn('address-file', { cause: isFarmError(error) ? error.code : String(error) });
    });
  });
  return {
    close: async () => {
      stopListening();
      await writing;
      await rm(path, { force: true });
    },
  };
}
