import { connect, type TLSSocket } from 'node:tls';
import { errorNames, flags, FrameReader, frame, frameTypes, preface, settings, statusOf } from '../frames.ts';
import { startScripted, type Heard } from '../scripted-upstream.ts';
import type { ErrorName, Row, Seen } from './row.ts';

/** The application behind all rows: each has a path of its own, by its number. */
export type RowUpstream = { readonly port: number; readonly heardOf: (number: number) => string[]; readonly close: () => Promise<void> };

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood';
export const pathOf = (number: number): string => `/row-${number}`;
const numberOf = (line: string): number => Number(/\/row-(\d+)/.exec(line)?.[1] ?? -1);

export async function startRowUpstream(rows: readonly Row[], host: string): Promise<RowUpstream> {
  const upstream = await startScripted(
    ({ line, head, socket }: Heard) => {
      // A body or a field may have brought the path here: then the row is found, and fails.
      const row = rows[numberOf(line) >= 0 ? numberOf(line) : numberOf(head)];
      const answer = row?.upstream ?? good;
      if (answer !== '') socket.write(answer, 'latin1');
      if (row?.upstreamEnds === true) socket.end();
    },
    { host },
  );
  return {
    port: upstream.port,
    heardOf: (number) => upstream.heard.map(({ head, body }) => `${head}\r\n\r\n${body}`).filter((text) => numberOf(text) === number),
    close: upstream.close,
  };
}

/** Whose table this is: an edge, a peer, or one that was broken on purpose. */
export type Place = { readonly address: string; readonly port: number; readonly host: string; readonly ca: string };

/** For a slow machine: what is over is over sooner. */
const usualPatienceMs = 10_000;
/** What comes behind an answer, or does not. */
const quietMs = 60;
const probe = Buffer.from('probe-ok');

type Open = { readonly socket: TLSSocket; readonly closed: Promise<void> };

function open({ address, port, host, ca }: Place, { version, tls = {} }: Row): Promise<Open | undefined> {
  return new Promise((resolve) => {
    const ALPNProtocols = [version === 'HTTP/2' ? 'h2' : 'http/1.1'];
    const socket = connect({ host: address, port, servername: host, ca, ALPNProtocols, ...tls }, () => resolve({ socket, closed }));
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    socket.on('error', () => resolve(undefined));
  });
}

/** Resolves as soon as `isOver` says so, at each event that is told, or after a while. */
function waitFor(isOver: () => boolean, patienceMs: number): { readonly tell: () => void; readonly over: Promise<void> } {
  let tell = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    tell = () => {
      if (!isOver()) return;
      clearTimeout(timer);
      resolve();
    };
  });
  return { tell: () => tell(), over };
}

const nothing: Seen = {
  ...{ isConnected: false, isClosed: true, goaway: undefined, resets: new Map(), statuses: new Map(), ended: new Set(), data: new Map() },
  ...{ isProbeAnswered: false, text: '', heard: [] },
};

/** What is seen of a connection of HTTP/2 so far. */
class View {
  readonly #reader = new FrameReader();
  readonly resets = new Map<number, ErrorName>();
  readonly statuses = new Map<number, number>();
  readonly ended = new Set<number>();
  readonly data = new Map<number, string>();
  goaway: ErrorName | undefined;
  probes = 0;
  isClosed = false;

  feed(bytes: Buffer): void {
    for (const { type, flags: bits, streamId, payload } of this.#reader.feed(bytes)) {
      const errorAt = (at: number): ErrorName => errorNames[payload.readUInt32BE(at)] ?? 'NO_ERROR';
      if (type === frameTypes.headers && !this.statuses.has(streamId)) this.statuses.set(streamId, statusOf(payload));
      if (type === frameTypes.data) this.data.set(streamId, (this.data.get(streamId) ?? '') + payload.toString('latin1'));
      if (type === frameTypes.rstStream) this.resets.set(streamId, errorAt(0));
      if (type === frameTypes.goaway && (this.goaway ?? 'NO_ERROR') === 'NO_ERROR') this.goaway = errorAt(4);
      if (type === frameTypes.ping && (bits & flags.ack) !== 0 && payload.equals(probe)) this.probes += 1;
      if ((type === frameTypes.headers || type === frameTypes.data) && (bits & flags.endStream) !== 0) this.ended.add(streamId);
    }
  }

  isOver({ expected }: Row, probes: number): boolean {
    if (this.isClosed) return true;
    if (expected.kind === 'connection-error') return false;
    if (this.probes < probes) return false;
    if (expected.kind === 'opened') return this.ended.has(1) || this.resets.has(1) || (!expected.isCut && this.data.has(1));
    if (expected.kind !== 'answered' && expected.kind !== 'stream-error') return true;
    const { streamId } = expected;
    return this.ended.has(streamId) || this.resets.has(streamId);
  }
}

async function playHttp2(place: Place, row: Row, path: string): Promise<Seen> {
  const opened = await open(place, row);
  if (opened === undefined) return nothing;
  const { socket } = opened;
  const view = new View();
  let tell = (): void => undefined;
  socket.on('data', (bytes: Buffer) => {
    view.feed(bytes);
    tell();
  });
  socket.on('close', () => {
    view.isClosed = true;
    tell();
  });
  const send = async (parts: readonly Buffer[], isOver: () => boolean): Promise<void> => {
    const wait = waitFor(isOver, row.patienceMs ?? usualPatienceMs);
    tell = wait.tell;
    socket.write(Buffer.concat([...parts, frame(frameTypes.ping, 0, 0, probe)]));
    tell();
    await wait.over;
  };
  const first = [...(row.isBare === true ? [] : [preface, settings()]), ...row.send(path, place.host)];
  if (row.after === undefined) await send(first, () => view.isOver(row, 1));
  else {
    await send(first, () => view.isClosed || (view.probes > 0 && view.data.size > 0));
    await send(row.after(path, place.host), () => view.isOver(row, 2));
  }
  // A body that may not come, an error that comes behind its answer.
  await new Promise((done) => setTimeout(done, quietMs));
  socket.destroy();
  const { resets, statuses, ended, data, goaway, isClosed, probes } = view;
  return {
    ...nothing,
    isConnected: true,
    isClosed,
    goaway,
    resets,
    statuses,
    ended,
    data,
    isProbeAnswered: probes > (row.after === undefined ? 0 : 1),
  };
}

async function playHttp1(place: Place, row: Row, path: string): Promise<Seen> {
  const opened = await open(place, row);
  if (opened === undefined) return nothing;
  const { socket } = opened;
  let text = '';
  let isClosed = false;
  const isAnswer = row.expected.kind === 'said' || (row.expected.kind === 'opened' && !row.expected.isCut);
  const wait = waitFor(() => isClosed || (isAnswer && /\r\n\r\n/.test(text)), row.patienceMs ?? usualPatienceMs);
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    wait.tell();
  });
  socket.on('close', () => {
    isClosed = true;
    wait.tell();
  });
  socket.write(Buffer.concat(row.send(path, place.host)));
  await wait.over;
  await new Promise((done) => setTimeout(done, quietMs));
  socket.destroy();
  return { ...nothing, isConnected: true, isClosed, text };
}

/** Does what a row says at a place, and answers with what was seen of it. */
export async function play(place: Place, row: Row, number: number, upstream: Pick<RowUpstream, 'heardOf'>): Promise<Seen> {
  const seen = await (row.version === 'HTTP/2' ? playHttp2 : playHttp1)(place, row, pathOf(number));
  return { ...seen, heard: upstream.heardOf(number) };
}
