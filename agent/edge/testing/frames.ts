/** HTTP/2 by hand (RFC 9113 §4, §6): whatever bytes a test writes, also those that no library would send. */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** RFC 9113 §7. */
export const errorNames = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED', 'FRAME_SIZE_ERROR'],
  ...['REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
] as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export type Frame = { readonly type: number; readonly flags: number; readonly streamId: number; readonly payload: Buffer };

/** One frame; `said` is the length that its header claims, where it is not the true one. */
export function frame(type: number, flagBits: number, streamId: number, payload: Buffer = Buffer.alloc(0), said = payload.length): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(said, 0, 3);
  head[3] = type;
  head[4] = flagBits;
  head.writeUInt32BE(streamId >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export const uint32 = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, at * 4);
  return bytes;
};

/** An integer with a prefix of so many bits (RFC 7541 §5.1). */
function integer(value: number, prefixBits: number, first: number): number[] {
  const most = 2 ** prefixBits - 1;
  if (value < most) return [first | value];
  const bytes = [first | most];
  let left = value - most;
  while (left >= 128) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

/** A literal without Huffman, in Latin-1 (RFC 7541 §5.2). */
const text = (value: string): Buffer => Buffer.concat([Buffer.from(integer(value.length, 7, 0)), Buffer.from(value, 'latin1')]);

/** Fields as literals that are never indexed with new names (RFC 7541 §6.2.2): no state between blocks. */
export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

export const settings = (...pairs: readonly (readonly [number, number])[]): Buffer => {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], at) => {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value >>> 0, at * 6 + 2);
  });
  return frame(frameTypes.settings, 0, 0, payload);
};

/** Cuts what comes into frames. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  feed(bytes: Buffer): Frame[] {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#held.length < 9) return frames;
      const end = 9 + this.#held.readUIntBE(0, 3);
      if (this.#held.length < end) return frames;
      const streamId = this.#held.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type: this.#held[3] ?? 0, flags: this.#held[4] ?? 0, streamId, payload: Buffer.from(this.#held.subarray(9, end)) });
      this.#held = this.#held.subarray(end);
    }
  }
}

/** The static table from 8 on (RFC 7541, Appendix A). */
const staticStatus = [200, 204, 206, 304, 400, 404, 500];

/** Digits by the code of Huffman: five bits for 0 to 2, six for the others (RFC 7541, Appendix B). */
function huffmanDigits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  while (digits.length < 3) {
    const short = Number.parseInt(bits.slice(0, 5), 2);
    const isShort = short <= 2;
    digits += isShort ? short : Number.parseInt(bits.slice(0, 6), 2) - 0x19 + 3;
    bits = bits.slice(isShort ? 5 : 6);
  }
  return digits;
}

/** `:status` of a field block, which stands first in it (RFC 9113 §8.3); 0 where it does not. */
export function statusOf(fieldBlock: Buffer): number {
  let at = 0;
  // Changes of the dynamic table's size may come first (RFC 7541 §6.3).
  while (((fieldBlock[at] ?? 0) & 0xe0) === 0x20) at += (fieldBlock[at] ?? 0) === 0x3f ? 2 : 1;
  const first = fieldBlock[at] ?? 0;
  if ((first & 0x80) !== 0) return staticStatus[(first & 0x7f) - 8] ?? 0;
  const length = fieldBlock[at + 1] ?? 0;
  const value = fieldBlock.subarray(at + 2, at + 2 + (length & 0x7f));
  return Number((length & 0x80) === 0 ? value.toString('latin1') : huffmanDigits(value));
}
