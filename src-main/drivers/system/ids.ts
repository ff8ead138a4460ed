import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

/**
 * UUID version 7 (RFC 9562 §5.7) that rise within this process even when the clock stands still or goes back: `rand_a` is a
 * counter, seeded anew at random in its lower half each millisecond (§6.2, method 1); when it runs over, the next millisecond is borrowed.
 */
export function createIds(clock: Clock): Ids {
  let lastMs = -1;
  let counter = 0;
  return {
    uuid: () => {
      const bytes = randomBytes(16);
      const nowMs = Math.max(0, Math.floor(clock.nowMs()));
      if (nowMs > lastMs) {
        lastMs = nowMs;
        counter = bytes.readUInt16BE(6) & 0x7ff;
      } else {
        counter += 1;
        if (counter > 0xfff) {
          lastMs += 1;
          counter = bytes.readUInt16BE(6) & 0x7ff;
        }
      }
      bytes.writeUIntBE(lastMs, 0, 6);
      bytes.writeUInt16BE(0x7000 | counter, 6);
      bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
      const hex = bytes.toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    token: (bytes) => randomBytes(bytes).toString('base64url'),
  };
}
