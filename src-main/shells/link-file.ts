import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { errorCode } from '#kit/node/whole-file.ts';
import { atomicWriteFile } from '../drivers/shared/files.ts';
import { chooseDesktop, type Desktop } from './choose-desktop.ts';
import { isRunning } from './home-lock.ts';

/** How a command line on this computer finds and may speak to the program that has a home open. 0600 in the home. */
const linkFile = z.object({
  /** `http://127.0.0.1:<port>`; the contract is spoken over RPC below `/rpc`. */
  origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/),
  token: z.string().min(32),
  processId: z.number().int().positive(),
  startMark: z.string(),
  version: z.string(),
  shell: z.enum(['http', 'electron']),
});
export type LinkFile = z.infer<typeof linkFile>;

const pathOf = (home: string): string => join(home, 'link.json');

/** Writes the file for this very process. Throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`. */
export async function writeLinkFile(
  home: string,
  link: Pick<LinkFile, 'origin' | 'token' | 'version' | 'shell'>,
  desktop: Desktop = chooseDesktop(),
): Promise<void> {
  const whole: LinkFile = { ...link, processId: process.pid, startMark: desktop.startMark(process.pid) ?? '' };
  await atomicWriteFile(pathOf(home), `${JSON.stringify(whole)}\n`, { mode: 0o600 });
}

/** The link of the program that has this home open; undefined when none runs. What a killed program left is not believed. */
export async function readLinkFile(home: string, desktop: Desktop = chooseDesktop()): Promise<LinkFile | undefined> {
  try {
    const parsed = linkFile.safeParse(JSON.parse(await readFile(pathOf(home), 'utf8')));
    return parsed.success && isRunning(desktop, parsed.data) ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** Takes back what `writeLinkFile` wrote; absent is fine. */
export async function removeLinkFile(home: string): Promise<void> {
  await rm(pathOf(home), { force: true });
}
