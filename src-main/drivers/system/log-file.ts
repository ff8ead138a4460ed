import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export type LogFile = { readonly write: (line: string) => void; readonly close: () => void };

/**
 * Appends lines to a file of its owner only (0600), and begins a new one when it would grow beyond `limitBytes`; one older file is kept
 * as `<path>.1`. Written at once, so that the last line before a crash is there. A full disk loses lines, never the program.
 */
export function openLogFile(path: string, limitBytes = 8 * 1024 ** 2): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let handle = openSync(path, 'a', 0o600);
  let sizeBytes = fstatSync(handle).size;
  let isOpen = true;
  return {
    write: (line) => {
      if (!isOpen) {
        return;
      }
      const bytes = Buffer.from(`${line}\n`);
      try {
        if (sizeBytes > 0 && sizeBytes + bytes.length > limitBytes) {
          closeSync(handle);
          renameSync(path, `${path}.1`);
          handle = openSync(path, 'a', 0o600);
          sizeBytes = 0;
        }
        writeSync(handle, bytes);
        sizeBytes += bytes.length;
      } catch {
        // There is nowhere left to tell of it.
      }
    },
    close: () => {
      if (isOpen) {
        isOpen = false;
        closeSync(handle);
      }
    },
  };
}
