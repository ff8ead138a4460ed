import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FarmError } from '#contract/errors.ts';
import { packageManifest } from '#contract/package-manifest.ts';
import { manifestProblems } from '../../model/packages/check-manifest.ts';
import { manifestForAgents } from '../../model/packages/manifest-for-agents.ts';
import type { ManifestFile } from '../../ports/payloads.ts';

const logoTypes: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png' };
/** It travels in every list of packages. */
const mostLogoBytes = 64 * 1024;

export const hashOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Reads one package folder. Throws `MANIFEST_INVALID` with the first problem and its place. */
async function readPackage(folder: string): Promise<ManifestFile> {
  const packageId = basename(folder);
  const refuse = (path: string, problem: string, cause?: unknown): FarmError =>
    new FarmError('MANIFEST_INVALID', { packageId, path, problem }, { cause });
  const bytes = await readFile(join(folder, 'manifest.json')).catch((error: unknown) => {
    throw refuse('manifest.json', 'notThere', error);
  });
  let json: unknown;
  let manifestJson: string;
  try {
    manifestJson = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(manifestJson);
  } catch (error) {
    throw refuse('manifest.json', 'json', error);
  }
  const parsed = packageManifest.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(issue?.path.join('.') || 'manifest.json', issue?.message ?? 'shape');
  }
  const manifest = parsed.data;
  if (manifest.id !== packageId) throw refuse('id', 'otherName');
  const problem = manifestProblems(manifest)[0];
  if (problem !== undefined) throw refuse(problem.path, problem.problem);
  const type = logoTypes[extname(manifest.logo).toLowerCase()];
  if (type === undefined) throw refuse('logo', 'logoType');
  const logo = await readFile(join(folder, ...manifest.logo.split('/'))).catch((error: unknown) => {
    throw refuse('logo', 'notThere', error);
  });
  if (logo.length > mostLogoBytes) throw refuse('logo', 'logoSize');
  const logoDataUrl = `data:${type};base64,${logo.toString('base64')}`;
  const forAgents = manifestForAgents(manifestJson, manifest);
  return { manifest, manifestJson: forAgents, manifestHash: hashOf(forAgents), folder, logoDataUrl };
}

/** Every package below a folder, by name. Throws `MANIFEST_INVALID`. */
export async function readPackages(packagesFolder: string): Promise<readonly ManifestFile[]> {
  const entries = await readdir(packagesFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  return Promise.all(names.toSorted().map((name) => readPackage(join(packagesFolder, name))));
}
