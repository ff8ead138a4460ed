import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { createQueue } from '#kit/keyed-queue.ts';
import type { AgentClock, AgentLog } from './ports.ts';
import type { AgentLinkServer } from './link/types.ts';
import { readJson, writeFileAtomically } from './state/atomic-file.ts';

const lookMs = 2000;
const codeFile = z.object({ code: z.string(), expiresAtMs: z.number() });
export type CodeFile = z.infer<typeof codeFile>;

const pathOf = (home: string): string => join(home, 'pairing-code.json');

/** The code that the agent of this home shows now; undefined when it belongs to a farm or does not run. */
export async function readCodeFile(home: string, nowMs: number): Promise<CodeFile | undefined> {
  const read = await readJson(pathOf(home), codeFile);
  return read.state === 'good' && read.value.expiresAtMs > nowMs ? read.value : undefined;
}

/**
 * While the agent belongs to no farm, `<home>/pairing-code.json` (0600) holds a code that works: a new one follows when the old one has expired or
 * was used up. Resolves when the file is as it should be; `refresh` looks again at once.
 */
export async function keepCodeFile(options: {
  readonly home: string;
  readonly link: Pick<AgentLinkServer, 'identity' | 'pairingCode' | 'newPairingCode'>;
  readonly clock: AgentClock;
  readonly log: AgentLog;
}): Promise<{ readonly refresh: () => void; readonly close: () => Promise<void> }> {
  const { home, link, clock, log } = options;
  let written = '';
  let isClosed = false;
  let stopTimer = (): void => undefined;
  const look = async (): Promise<void> => {
    if (link.identity() !== undefined) {
      await rm(pathOf(home), { force: true });
      written = '';
      return;
    }
    const code = link.pairingCode() ?? link.newPairingCode();
    if (code.code !== written) await writeFileAtomically(pathOf(home), JSON.stringify(code));
    written = code.code;
  };
  const queued = createQueue();
  const again = (): Promise<void> => {
    stopTimer();
    return queued(async () => {
      await look().catch((error: unknown) => void log.bug(error, { path: pathOf(home) }));
      // A joined agent needs no look until it has left.
      stopTimer();
      if (!isClosed && link.identity() === undefined) stopTimer = clock.after(lookMs, () => void again());
    });
  };
  await again();
  return {
    refresh: () => void again(),
    /** An agent that does not run shows no code. The code itself stays good for its hour. */
    close: async () => {
      isClosed = true;
      stopTimer();
      await queued(() => rm(pathOf(home), { force: true }));
    },
  };
}
