import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import { type EdgePaths, readWhole, writeWhole } from './edge-files.ts';

export type EdgeBundle = { readonly path: string; readonly sha256: string };

/** Which bundle was chosen by the last upgrade, and which one the agent brought then: a new agent brings a new choice. */
const chosenFile = z.object({ path: z.string(), sha256: z.string(), broughtSha256: z.string() });

const hashOf = (contents: Buffer): string => createHash('sha256').update(contents).digest('hex');
const chosenPath = (paths: EdgePaths): string => join(paths.bundles, 'chosen.json');

/**
 * Copies a bundle to where nobody changes it while it runs. Throws `PAYLOAD_HASH_WRONG` when it is not the one that was meant.
 * Sources (development) run where they are, because they import their neighbours.
 */
export function keepBundle(paths: EdgePaths, bundlePath: string, expected?: string): EdgeBundle {
  let contents: Buffer;
  try {
    contents = readFileSync(bundlePath);
  } catch (cause) {
    throw new FarmError('NOT_FOUND', { kind: 'package', name: bundlePath }, { cause });
  }
  const sha256 = hashOf(contents);
  if (expected !== undefined && sha256 !== expected)
    throw new FarmError('PAYLOAD_HASH_WRONG', { packageId: 'edge', expected, actual: sha256 });
  if (bundlePath.endsWith('.ts')) return { path: bundlePath, sha256 };
  const path = join(paths.bundles, `${sha256}.cjs`);
  if (!existsSync(path) || hashOf(readFileSync(path)) !== sha256) writeWhole(path, contents);
  return { path, sha256 };
}

/** The bundle to start from: the one of the last upgrade, unless the agent itself came with another since. */
export function bundleToStart(paths: EdgePaths, bundlePath: string): EdgeBundle {
  const brought = keepBundle(paths, bundlePath);
  const chosen = readWhole(chosenPath(paths), chosenFile);
  if (chosen.state !== 'good' || chosen.value.broughtSha256 !== brought.sha256) return brought;
  try {
    return keepBundle(paths, chosen.value.path, chosen.value.sha256);
  } catch {
    return brought;
  }
}

/** Remembers what an upgrade chose, and removes bundles that nobody runs. */
export function chooseBundle(paths: EdgePaths, bundlePath: string, chosen: EdgeBundle, stillRunning: readonly string[]): void {
  const brought = keepBundle(paths, bundlePath);
  writeWhole(chosenPath(paths), JSON.stringify({ ...chosen, broughtSha256: brought.sha256 }));
  const keep = new Set([chosen.path, brought.path, ...stillRunning]);
  for (const name of readdirSync(paths.bundles)) {
    const path = join(paths.bundles, name);
    if (name.endsWith('.cjs') && !keep.has(path)) rmSync(path, { force: true });
  }
}
