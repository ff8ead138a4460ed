import { renameSync, writeFileSync } from 'node:fs';

/** What this start came to: its window is on the screen, or another program that has the home was shown. */
export type OpenedState = 'shown' | 'elsewhere';

/**
 * Tells the start script, which waits for this file to know that the desktop opened. Whole or not at all; the first word counts. A script that has
 * gone is nobody to tell.
 */
export function tellOpened(path: string | undefined): (state: OpenedState) => void {
  let isTold = path === undefined || path === '';
  return (state) => {
    if (isTold || path === undefined) return;
    isTold = true;
    try {
      writeFileSync(`${path}.new`, `${JSON.stringify({ state })}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // Nobody waits for it any more.
    }
  };
}
