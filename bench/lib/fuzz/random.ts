export type Random = {
  /** A whole number from 0 to `most - 1`. */
  readonly below: (most: number) => number;
  readonly chance: (oneIn: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
};

/** Numbers that are the same for the same seed on every machine (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number): number => Math.floor(next() * most);
  return {
    below,
    chance: (oneIn) => below(oneIn) === 0,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
  };
}

/** One number for one case of one target. */
export function seedOf(seed: number, target: string, number: number): number {
  let hash = 2_166_136_261 ^ seed;
  for (const character of `${target} ${number}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return hash >>> 0;
}

const oddBytes = [0, 1, 9, 10, 13, 32, 34, 44, 58, 59, 127, 128, 255];
const oddWords = [
  ...['\r\n', '\n', '\r\n\r\n', '\0', ':', ',', ';', '%00', '%', '../', '..\\', 'chunked', 'gzip', '0\r\n\r\n', 'ffffffffffffffff', '-1'],
  ...[
    '18446744073709551616',
    '99999999999999999999',
    'HTTP/1.1',
    'HTTP/9.9',
    '\u202e',
    '\ud800',
    '"',
    '{',
    '[',
    'null',
    '__proto__',
    '\xff\xfe',
  ],
];

/** One to six changes to a copy: bits, bytes, words, pieces left out, doubled, repeated or taken from another of its kind. */
export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let now = Buffer.from(bytes);
  for (let changes = 1 + random.below(6); changes > 0; changes -= 1) {
    const at = random.below(now.length + 1);
    const end = Math.min(now.length, at + 1 + random.below(random.chance(4) ? 400 : 12));
    const [before, part, after] = [now.subarray(0, at), now.subarray(at, end), now.subarray(end)];
    switch (random.below(9)) {
      case 0:
        if (at < now.length) now[at] = (now[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        if (at < now.length) now[at] = random.pick(oddBytes);
        break;
      case 2:
        now = Buffer.concat([before, Buffer.from(random.pick(oddWords)), now.subarray(at)]);
        break;
      case 3:
        now = Buffer.concat([before, after]);
        break;
      case 4:
        now = Buffer.concat([before, part, part, after]);
        break;
      case 5: {
        const times = random.chance(20) ? 2000 : random.below(40);
        if (part.length * times < 100_000) now = Buffer.concat([before, ...Array.from({ length: times }, () => part), after]);
        break;
      }
      case 6: {
        const other = random.pick(others);
        const from = random.below(other.length);
        now = Buffer.concat([before, other.subarray(from, from + 1 + random.below(200)), after]);
        break;
      }
      case 7:
        now = Buffer.from(now.subarray(0, random.chance(3) ? at : now.length));
        break;
      default:
        for (let byte = at; byte < end; byte += 1) now[byte] = random.below(256);
    }
  }
  return now;
}

/** The same bytes in one to five pieces. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  let rest = bytes;
  for (let cuts = random.below(5); cuts > 0 && rest.length > 1; cuts -= 1) {
    const at = 1 + random.below(rest.length - 1);
    pieces.push(rest.subarray(0, at));
    rest = rest.subarray(at);
  }
  return [...pieces, rest];
}
