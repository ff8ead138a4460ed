/**
 * Response rate limiting for UDP (https://kb.isc.org/docs/aa-01000): an asker's address can be made up, and an answer is longer than its question, so that a
 * name server that answers everything is a tool for flooding others. Within a window of one second a network gets few answers that are alike and not many at
 * all; of those that are not sent every second one goes as an empty one that says *ask by TCP*, which nobody can do under a made-up address.
 */
export const responseRate = { alikeASecond: 20, allASecond: 200, mostNetworks: 4096, mostAlike: 8192 } as const;

export type Verdict = 'send' | 'truncate' | 'drop';
export type ResponseRate = (address: string, alike: string) => Verdict;

/** The usual prefixes of such limits: 24 bits of IPv4, 56 of IPv6. */
export function networkOf(address: string): string {
  const dotted = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::');
  const groups = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const missing = Math.max(0, 8 - (groups[0]?.length ?? 0) - (groups[1]?.length ?? 0));
  const whole = [...(groups[0] ?? []), ...(address.includes('::') ? Array.from({ length: missing }, () => '0') : []), ...(groups[1] ?? [])];
  const hexadecimal = whole.slice(0, 4).map((group) => group.padStart(4, '0'));
  return hexadecimal.join('').slice(0, 14);
}

/** Nobody floods another by asking from loopback: the kernel lets no such address in from outside (RFC 1122 §3.2.1.3). */
export const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.|^::1$/i.test(address);

type Count = { sinceMs: number; sent: number; over: number };
type Counts = { readonly of: (key: string) => Count };

/** A bounded table in two halves: when the younger is full, the older is forgotten as a whole. */
function createCounts(most: number, nowMs: () => number): Counts {
  let [younger, older] = [new Map<string, Count>(), new Map<string, Count>()];
  return {
    of: (key) => {
      const known = younger.get(key) ?? older.get(key);
      if (known !== undefined && nowMs() - known.sinceMs < 1000) return known;
      const fresh = { sinceMs: nowMs(), sent: 0, over: known?.over ?? 0 };
      if (younger.size >= most / 2) [younger, older] = [new Map(), younger];
      younger.set(key, fresh);
      return fresh;
    },
  };
}

/** `alike`: what two answers have in common that count as the same. */
export function createResponseRate(nowMs: () => number, isExempt: (address: string) => boolean = isLoopback): ResponseRate {
  const networks = createCounts(responseRate.mostNetworks, nowMs);
  const answers = createCounts(responseRate.mostAlike, nowMs);
  return (address, alike) => {
    if (isExempt(address)) return 'send';
    const network = networkOf(address);
    const inAll = networks.of(network);
    const same = answers.of(`${network} ${alike}`);
    const over = inAll.sent >= responseRate.allASecond ? inAll : same.sent >= responseRate.alikeASecond ? same : undefined;
    if (over !== undefined) {
      over.over += 1;
      return over.over % 2 === 0 ? 'truncate' : 'drop';
    }
    inAll.sent += 1;
    same.sent += 1;
    return 'send';
  };
}
