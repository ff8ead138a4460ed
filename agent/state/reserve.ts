import { isFarmError } from '#contract/errors.ts';
import { createReserve, type Reserve } from '#kit/node/reserve.ts';
import { isNoRoom } from '../os/host-os.ts';
import type { Room } from '../ports.ts';

const mostBytes = 8 * 2 ** 20;
const leastBytes = 512 * 1024;

/** The agent's reserve: at most 8 MiB, at least 512 KiB. See `createReserve`. */
export const createAgentReserve = (path: string, folder: string): Reserve & Room => createReserve({ path, folder, mostBytes, leastBytes });

/** Does an act again with a slice of the reserve each time that it lacked room. Only for acts that may be repeated, and that free room or are needed to. */
export async function withRoom<T>(reserve: Pick<Room, 'release'>, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(isNoRoom(error) || isFarmError(error, 'DISK_FULL')) || !reserve.release()) throw error;
    }
  }
}
