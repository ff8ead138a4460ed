import { readdirSync, readlinkSync } from 'node:fs';
import type { Family, HostListeners, Listening } from '../listener.ts';
import { allProcessIds, readProc } from './proc.ts';
import { createPortRules } from './port-rules.ts';
import { familyOf, isAlive, programName } from './processes.ts';

/** One listening socket of /proc/net/tcp or tcp6: columns local address, state (0A: listening), uid, inode (proc(5)). */
type Listener = { readonly isExact: boolean; readonly userId: number; readonly inode: string };

/** 127.0.0.1, also as an IPv6 socket says it; and what takes every address. The kernel's words are little-endian. */
const exact = new Set(['0100007F', '0000000000000000FFFF00000100007F']);
const every = new Set(['00000000', '00000000000000000000000000000000', '0000000000000000FFFF000000000000']);

/** Sockets that would take a connection to the port at 127.0.0.1. */
export function listenersIn(table: string, port: number): Listener[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , userId, , inode] = line.trim().split(/ +/);
    const [address = '', hexPort] = local.split(':');
    if (hexPort !== wanted || state !== '0A' || inode === undefined) return [];
    if (!exact.has(address) && !every.has(address)) return [];
    return [{ isExact: exact.has(address), userId: Number(userId), inode }];
  });
}

/** Those that count: a socket of exactly this address goes before those of every address. */
function listenersAt(port: number): Listener[] {
  const all = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listenersIn(readProc(path) ?? '', port));
  const nearest = all.filter(({ isExact }) => isExact);
  return nearest.length > 0 ? nearest : all;
}

/** Does the process have one of these open? Each is read by itself: a busy program closes some while we look. */
function holdsAny(processId: number, links: ReadonlySet<string>): boolean {
  let entries: string[] = [];
  try {
    entries = readdirSync(`/proc/${processId}/fd`);
  } catch {
    // gone meanwhile, or not ours to read
  }
  return entries.some((entry) => {
    try {
      return links.has(readlinkSync(`/proc/${processId}/fd/${entry}`));
    } catch {
      return false;
    }
  });
}

const linkOf = ({ inode }: Listener): string => `socket:[${inode}]`;

function ownerOf(listeners: readonly Listener[]): string {
  const links = new Set(listeners.map(linkOf));
  if (links.size === 0) return '';
  return programName(allProcessIds().find((processId) => holdsAny(processId, links)) ?? 0);
}

/**
 * With a user of its own the kernel's word is enough: a socket belongs for ever to whoever made it. Without one, a process of the family must hold it;
 * its first process is looked at first, because it most often does.
 */
function isOwn(listener: Listener, { identity, user }: Family): boolean {
  if (user !== undefined) return listener.userId === user.userId;
  const links = new Set([linkOf(listener)]);
  if (isAlive(identity) && holdsAny(identity.processId, links)) return true;
  return familyOf(identity).some(({ processId }) => holdsAny(processId, links));
}

function listening(port: number, family: Family): Listening {
  const listeners = listenersAt(port);
  if (listeners.length === 0) return { by: 'nobody' };
  const strangers = listeners.filter((listener) => !isOwn(listener, family));
  if (strangers.length > 0) return { by: 'stranger', owner: ownerOf(strangers) || 'unknown' };
  return { by: 'own', socket: listeners.map(({ inode }) => inode).join(' ') };
}

export const linuxListeners = {
  listening,
  portRules: createPortRules,
  portOwner: (port) => ownerOf(listenersAt(port)),
} satisfies HostListeners;
