import type { Socket } from 'node:net';
import type { LinkClock } from './types.ts';

/**
 * Whose connections may stand how long and how many. A connection is a stranger's until it has shown a core's certificate or begun a pairing; strangers have
 * half of the room, and of it an address has little, so that nobody shuts the port by opening connections and saying nothing.
 */
export const linkLimits = {
  /** For the first byte. */
  helloMs: 3_000,
  mostStrangers: 128,
  mostPerAddress: 16,
  mostCores: 128,
  mostPairings: 8,
  mostPairingsPerAddress: 2,
} as const;

type Standing = 'stranger' | 'pairing' | 'core';
type Entry = { readonly socket: Socket; readonly address: string; readonly sinceMs: number; standing: Standing };

export type ConnectionLimits = {
  /** A connection came. It is ended at once where its address, or all strangers together, hold too many that are at something. */
  readonly take: (socket: Socket) => void;
  /** It showed the certificate of a core of our farm. False: there is no room for one more. */
  readonly isCore: (peer: Peer) => boolean;
  /** It wants to pair. False: too many do, or too many of its address. */
  readonly isPairing: (peer: Peer) => boolean;
  readonly counts: () => Readonly<Record<Standing, number>>;
};
/** The two ends name one connection, whichever of its layers is asked. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

const keyOf = ({ remoteAddress, remotePort }: Peer): string => `${remoteAddress} ${remotePort}`;

/** One person has a whole /64 of IPv6 (RFC 6177), and one address of IPv4. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

/** `onRefused` is told of every connection that was ended for want of room. */
export function createConnectionLimits(clock: LinkClock, onRefused: (address: string) => void): ConnectionLimits {
  const entries = new Map<string, Entry>();
  const of = (standing: Standing, address?: string): Entry[] =>
    [...entries.values()].filter((entry) => entry.standing === standing && (address === undefined || entry.address === address));
  const end = (entry: Entry): void => {
    entries.delete(keyOf(entry.socket));
    onRefused(entry.address);
    entry.socket.destroy();
  };

  /** Who has to go for one more: who has said nothing, the oldest first, then who has been at it for long. Undefined: the newcomer. */
  const victim = (among: readonly Entry[]): Entry | undefined =>
    among.find(({ socket }) => socket.bytesRead === 0) ?? among.find(({ sinceMs }) => clock.nowMs() - sinceMs > linkLimits.helloMs);

  /** Strangers of the address that has most of them. */
  const heaviest = (): Entry[] => {
    const byAddress = Map.groupBy(of('stranger'), ({ address }) => address);
    return [...byAddress.values()].reduce((most, next) => (next.length > most.length ? next : most), []);
  };

  const makeRoom = (address: string): boolean => {
    const near = of('stranger', address);
    const isFull = near.length >= linkLimits.mostPerAddress;
    if (!isFull && of('stranger').length < linkLimits.mostStrangers) return true;
    const leaving = victim(isFull ? near : heaviest());
    if (leaving !== undefined) end(leaving);
    return leaving !== undefined;
  };

  const raise = (peer: Peer, standing: Standing, hasRoom: (address: string) => boolean): boolean => {
    const entry = entries.get(keyOf(peer));
    if (entry === undefined || !hasRoom(entry.address)) return false;
    entry.standing = standing;
    return true;
  };

  return {
    take: (socket) => {
      const entry: Entry = { socket, address: addressGroup(socket.remoteAddress ?? ''), sinceMs: clock.nowMs(), standing: 'stranger' };
      // One that has gone already has no address any more, and no end to wait for.
      if (socket.destroyed || socket.remoteAddress === undefined) return void socket.destroy();
      if (!makeRoom(entry.address)) return end(entry);
      const key = keyOf(socket);
      entries.set(key, entry);
      const stop = clock.after(linkLimits.helloMs, () => {
        if (socket.bytesRead === 0) socket.destroy();
      });
      socket.once('close', () => {
        stop();
        if (entries.get(key) === entry) entries.delete(key);
      });
      return undefined;
    },
    isCore: (peer) => raise(peer, 'core', () => of('core').length < linkLimits.mostCores),
    isPairing: (peer) =>
      raise(
        peer,
        'pairing',
        (address) => of('pairing').length < linkLimits.mostPairings && of('pairing', address).length < linkLimits.mostPairingsPerAddress,
      ),
    counts: () => ({ stranger: of('stranger').length, pairing: of('pairing').length, core: of('core').length }),
  };
}
