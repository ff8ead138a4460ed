import { createSocket } from 'node:dgram';
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Random } from './random.ts';

export type At = Readonly<Record<string, string | number>>;

/** Strangers of one kind. */
export type Attack = {
  /** One case, told by its random numbers alone; resolves when it is over, whatever came back. */
  readonly once: (random: Random) => Promise<void>;
  /** A proper request after the others: why it was not answered properly, or undefined. */
  readonly check: () => Promise<string | undefined>;
  readonly close: () => void;
};

export const hostText = (at: At, name: string): string => String(at[name] ?? '');

const quietMs = 25;
/** Between the first bytes of an answer (SETTINGS) and the rest of it. */
const patientQuietMs = 5000;
const longestMs = 400;
/** For an answer that must come, on a machine that has other things to do. */
const patientMs = 20_000;

/** Writes pieces and reads until the other side ends, or is quiet for a while; answers with what came. Who is patient waits for a first byte. */
export function exchange(socket: Socket, pieces: readonly Buffer[], isPatient = false): Promise<Buffer> {
  return new Promise((resolve) => {
    const got: Buffer[] = [];
    let quiet: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(quiet);
      clearTimeout(last);
      socket.destroy();
      resolve(Buffer.concat(got));
    };
    const last = setTimeout(done, isPatient ? patientMs : longestMs);
    const wait = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(done, isPatient ? patientQuietMs : quietMs);
    };
    socket.on('error', () => undefined);
    socket.on('close', done);
    socket.on('data', (bytes: Buffer) => {
      got.push(bytes);
      wait();
    });
    const write = (at: number): void => {
      const piece = pieces[at];
      if (socket.destroyed) return;
      if (piece === undefined) {
        if (!isPatient) wait();
        return;
      }
      socket.write(piece);
      setImmediate(() => write(at + 1));
    };
    write(0);
  });
}

export function openPlain(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectPlain(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

/** A TLS connection, resumed where that is possible: handshakes are not what is tried here. */
export function createOpener(port: number, options: ConnectionOptions): () => Promise<Socket | undefined> {
  let session: Buffer | undefined;
  return () =>
    new Promise((resolve) => {
      const resumed = session === undefined ? {} : { session };
      const socket = connectTls({ host: '127.0.0.1', port, ...options, ...resumed }, () => resolve(socket));
      socket.on('session', (ticket) => {
        session = ticket;
      });
      socket.on('error', () => resolve(undefined));
      socket.setTimeout(patientMs, () => socket.destroy(new Error('silent')));
    });
}

/** One datagram and its answer, or undefined after a while. */
export function askByUdp(port: number, bytes: Buffer, waitMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => done(undefined), waitMs);
    socket.once('message', done);
    socket.once('error', () => done(undefined));
    socket.send(bytes, port, '127.0.0.1');
  });
}
