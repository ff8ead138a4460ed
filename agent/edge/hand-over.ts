import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Server } from 'node:net';
import * as z from 'zod';
import { type BoundSocket, serverAround, socketOf } from '#kit/node/bound-socket.ts';
import type { EdgePaths } from './edge-files.ts';
import { type HoldAnswer, holdAnswer, holdAsk, passedHold } from './hold-messages.ts';
import type { PassedHold } from './holds.ts';

/**
 * How the listening sockets go to a new process. Both processes hold the same socket in the kernel for a moment, with one queue of waiting
 * connections, and the old one only lets go of its copy: nothing that waits in the queue is lost. (With SO_REUSEPORT each process has a queue
 * of its own, and closing one resets what waits in it.) Node passes sockets only between a process and its child
 * (https://nodejs.org/api/child_process.html#subprocesssendmessage-sendhandle-options-callback), so the old edge starts the new one.
 */
const identity = z.object({ processId: z.number().int(), startMark: z.string() });
export const fromOld = z.discriminatedUnion('say', [
  z.object({ say: z.literal('listener'), kind: z.enum(['https', 'http']) }),
  /** `holds`: who is held now, and is to be held there too. */
  z.object({ say: z.literal('serve'), draining: z.array(identity), holds: z.array(passedHold).optional() }),
  z.object({ say: z.literal('counted'), id: z.number().int(), ...holdAnswer.shape }),
]);
export const fromNew = z.discriminatedUnion('say', [
  /** `takes`: it can take sockets that accept nothing before it lets them; one of earlier days takes servers only. */
  z.object({ say: z.literal('ready'), takes: z.literal('sockets').optional() }),
  z.object({ say: z.literal('serving') }),
  z.object({ say: z.literal('failed'), problem: z.string() }),
  /** The old edge still answers on the connections that it has: it must know what changed. */
  z.object({ say: z.literal('route'), host: z.string() }),
  z.object({ say: z.literal('certificate'), certificateId: z.string() }),
  z.object({ say: z.literal('hold'), id: z.number().int(), ...holdAsk.shape }),
  z.object({ say: z.literal('release'), instanceId: z.string() }),
]);
export type FromNew = z.infer<typeof fromNew>;

const patienceMs = 15_000;

export type HandOverRequest = {
  readonly runtime: string;
  readonly args: readonly string[];
  readonly paths: EdgePaths;
  /** One that this edge could not open is left for the new one to open. */
  readonly listeners: { readonly get: (kind: 'https' | 'http') => BoundSocket | undefined };
  readonly draining: readonly z.infer<typeof identity>[];
  readonly holds: () => readonly PassedHold[];
  readonly onChange: (change: Extract<FromNew, { say: 'route' | 'certificate' | 'release' }>) => void;
  readonly onHold: (asked: Extract<FromNew, { say: 'hold' }>) => Promise<HoldAnswer>;
};

/** Resolves when the new process serves. Rejects, with the new process gone and nothing changed, when it does not come up. */
export async function handOver(request: HandOverRequest): Promise<void> {
  const out = openSync(`${request.paths.log}.out`, 'a', 0o600);
  const child = spawn(request.runtime, [...request.args], {
    cwd: request.paths.folder,
    // Its own environment is the small one that the agent gave; the marker in it says whose process this is.
    env: process.env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', out, out, 'ipc'],
  });
  closeSync(out);
  try {
    await settle(child, request);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.unref();
  child.channel?.unref();
}

function settle(child: ChildProcess, request: HandOverRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), patienceMs);
    const end = (error: Error | undefined): void => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    };
    child.on('error', end);
    child.once('exit', (code, signal) => end(new Error(`ended ${signal ?? code ?? ''}`)));
    child.on('message', (message) => {
      const parsed = fromNew.safeParse(message);
      if (!parsed.success) return;
      const said = parsed.data;
      switch (said.say) {
        case 'ready':
          for (const kind of ['https', 'http'] as const) {
            const socket = request.listeners.get(kind);
            const passed = said.takes === undefined && socket !== undefined ? serverAround(socket) : socket;
            if (passed !== undefined) child.send({ say: 'listener', kind }, passed as Server);
          }
          child.send({ say: 'serve', draining: request.draining, holds: request.holds() });
          return;
        case 'serving':
          end(undefined);
          return;
        case 'failed':
          end(new Error(said.problem));
          return;
        case 'hold':
          void request.onHold(said).then((answer) => {
            if (child.connected) child.send({ say: 'counted', id: said.id, ...answer });
          });
          return;
        default:
          request.onChange(said);
      }
    });
  });
}

/** The new process hears what the old one answers. It is to be called before `receiveListeners`. */
export function hearOld(heard: (id: number, answer: HoldAnswer) => void, gone: () => void): void {
  process.on('message', (message) => {
    const parsed = fromOld.safeParse(message);
    if (parsed.success && parsed.data.say === 'counted') heard(parsed.data.id, parsed.data);
  });
  process.once('disconnect', gone);
}

/**
 * The new process's side: resolves with those who drain once all sockets came. The caller answers with `serving`. An edge of earlier days gives servers,
 * which Node lets accept at once: what comes there goes to `accepted` unread, for as long as this process has the socket.
 */
export function receiveListeners(
  begin: (socket: BoundSocket, kind: 'https' | 'http') => void,
  accepted: (connection: BoundSocket, kind: 'https' | 'http') => void,
): Promise<{
  readonly draining: z.infer<typeof identity>[];
  readonly holds: readonly PassedHold[];
}> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no listeners came')), patienceMs);
    process.once('disconnect', () => reject(new Error('the old edge is gone')));
    process.on('message', (message, handle) => {
      const parsed = fromOld.safeParse(message);
      if (!parsed.success) return;
      if (parsed.data.say === 'listener') {
        const { kind } = parsed.data;
        const socket = handle instanceof Server ? socketOf(handle) : (handle as unknown as BoundSocket);
        if (handle instanceof Server)
          socket.onconnection = (code, connection) => {
            if (code === 0 && connection !== undefined) accepted(connection, kind);
          };
        begin(socket, kind);
        return;
      }
      if (parsed.data.say !== 'serve') return;
      clearTimeout(timer);
      resolve({ draining: parsed.data.draining, holds: parsed.data.holds ?? [] });
    });
    process.send?.({ say: 'ready', takes: 'sockets' });
  });
}
