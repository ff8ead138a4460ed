import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { DnsZoneStorage } from '../../../ports/dns.ts';
import { atomicWriteFile } from '../../shared/files.ts';

const storedZones = z.object({
  formatVersion: z.literal(1),
  zones: z.array(
    z.object({
      name: z.string(),
      serial: z.number().int(),
      records: z.array(z.object({ name: z.string(), type: z.string(), ttlSeconds: z.number().int(), values: z.array(z.string()) })),
    }),
  ),
});

/** One JSON file in the farm's home, replaced as a whole: written beside, flushed, renamed. A save throws `STORE_FULL`, `NOT_PERMITTED_BY_OS`. */
export function createFileZoneStorage(path: string): DnsZoneStorage {
  return {
    load: async () => {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      }
      return parse(path, text);
    },
    save: async (zones) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await atomicWriteFile(path, `${JSON.stringify({ formatVersion: 1, zones }, undefined, 1)}\n`, { mode: 0o600 });
    },
  };
}

function parse(path: string, text: string): z.output<typeof storedZones>['zones'] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FarmError('HOME_HALF_WRITTEN', { path, problem: 'json' });
  }
  const parsed = storedZones.safeParse(json);
  if (!parsed.success) throw new FarmError('HOME_HALF_WRITTEN', { path, problem: parsed.error.issues[0]?.path.join('.') ?? 'shape' });
  return parsed.data.zones;
}
