import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** What the desktop remembers of this person on this computer, beside what the page itself keeps. Losing it costs nothing but habits. */
const memory = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().positive(), height: z.number().int().positive() }),
  isMaximized: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
  /** Where the person last opened or saved a file. */
  folder: z.string().max(4000),
});
const kept = memory.partial();
export type DesktopMemory = z.infer<typeof kept>;

export type DesktopKeep = { readonly read: () => DesktopMemory; readonly write: (change: DesktopMemory) => void };

function readMemory(path: string): DesktopMemory {
  try {
    return kept.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

/** Kept in one small file, written whole. A file that cannot be read is none; one that cannot be written stays as it was. */
export function keepDesktopMemory(path: string): DesktopKeep {
  let now = readMemory(path);
  return {
    read: () => now,
    write: (change) => {
      now = { ...now, ...change };
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        const unfinished = `${path}.new`;
        writeFileSync(unfinished, JSON.stringify(now), { mode: 0o600 });
        renameSync(unfinished, path);
      } catch {
        // A full disk must not hold a window.
      }
    },
  };
}
