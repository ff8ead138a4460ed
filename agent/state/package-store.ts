import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { installedPackage } from '#contract/agent/packages.ts';
import { type PackageManifest, packageManifest } from '#contract/package-manifest.ts';
import type { AgentLog, PackageRecord, PackageStore } from '../ports.ts';
import { readJson, removeFile, sweepTemporary, writeFileAtomically } from './atomic-file.ts';

const packageRecord = installedPackage.extend({ formatVersion: z.literal(1), manifestJson: z.string() });
const keyOf = (manifestHash: string, payload: string): string => `${manifestHash.slice(0, 32)}-${payload.slice(0, 32)}`;

/** Loads every package record. A torn one counts as absent: `install` writes it anew. */
export async function openPackageStore(folder: string, log: AgentLog): Promise<PackageStore> {
  const records = new Map<string, PackageRecord>();
  const manifests = new Map<string, PackageManifest>();
  await sweepTemporary(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.json')) continue;
    const read = await readJson(join(folder, name), packageRecord);
    if (read.state === 'good') {
      const { formatVersion: _, ...record } = read.value;
      records.set(keyOf(record.manifestHash, record.payload), record);
    }
    if (read.state === 'torn') log.warn('state.torn', { path: join(folder, name), problem: read.problem });
  }
  return {
    list: () => [...records.values()],
    get: (manifestHash, payload) => records.get(keyOf(manifestHash, payload)),
    manifest: (manifestHash, payload) => {
      const key = keyOf(manifestHash, payload);
      const record = records.get(key);
      if (record === undefined) return undefined;
      const manifest = manifests.get(key) ?? packageManifest.parse(JSON.parse(record.manifestJson));
      manifests.set(key, manifest);
      return manifest;
    },
    save: async (record) => {
      const key = keyOf(record.manifestHash, record.payload);
      await writeFileAtomically(join(folder, `${key}.json`), JSON.stringify({ formatVersion: 1, ...record }));
      records.set(key, record);
    },
    remove: async (manifestHash, payload) => {
      const key = keyOf(manifestHash, payload);
      await removeFile(join(folder, `${key}.json`));
      records.delete(key);
      manifests.delete(key);
    },
  };
}
