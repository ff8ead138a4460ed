import type { Duplex } from 'node:stream';

/** Connections on which nothing more is carried out. */
const closing = new WeakSet<Duplex>();

/**
 * From now on requests on this connection are dropped unseen: those behind a refused one may be part of it, those behind a last one are sent again
 * by their sender (RFC 9112 §9.6, §11.2). Node hands all that came in one piece over at once.
 */
export function acceptNoMore(socket: Duplex): void {
  closing.add(socket);
}

export const isClosing = (socket: Duplex): boolean => closing.has(socket);
