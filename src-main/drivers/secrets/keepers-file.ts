import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { errorCode } from '#kit/node/whole-file.ts';
import { FarmError } from '#contract/errors.ts';
import { atomicWriteFile, fileError } from '../shared/files.ts';

const kinds = ['keychain', 'file', 'passphrase'] as const;
export type KeeperKind = (typeof kinds)[number];

const shape = z.strictObject({
  formatVersion: z.literal(1),
  /** Tells data keys apart without telling anything of them: a keeper that unwraps to another one was of another home. */
  keyCheck: z.string(),
  wraps: z.partialRecord(z.enum(kinds), z.string()),
});
export type KeepersFile = z.infer<typeof shape>;

/** Undefined when there is none yet. Throws `HOME_HALF_WRITTEN` when it is not whole: without it no secret of the home can be opened. */
export async function readKeepers(path: string): Promise<KeepersFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, path);
  });
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'json' }, { cause: error });
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FarmError('HOME_HALF_WRITTEN', { path, problem: parsed.error.issues[0]?.path.join('.') || 'shape' });
}

export async function writeKeepers(path: string, file: KeepersFile): Promise<void> {
  await atomicWriteFile(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}
