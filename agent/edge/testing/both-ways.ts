import { type ClientHttp2Session, type IncomingHttpHeaders, connect } from 'node:http2';
import { request } from 'node:https';

export type Piece = { readonly afterMs?: number; readonly bytes: string | Buffer };
export type Ask = {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** One piece goes at once; several go one after the other. */
  readonly body?: string | Buffer | readonly Piece[];
  /** Do not announce the body's length. */
  readonly isChunked?: boolean;
  readonly trailers?: Readonly<Record<string, string>>;
  readonly waitMs?: number;
};

/** What a visitor saw: names in lower case, name, value, name, value … as they came. */
export type Got = {
  readonly status: number;
  /** HTTP/1.1 only. */
  readonly reason: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  /** 1xx, in order. */
  readonly interim: readonly number[];
  /** `cut`: the answer did not end as one that is whole; `none`: no answer at all. */
  readonly end: 'whole' | 'cut' | 'none' | 'waiting';
};

export type Way = { readonly ask: (ask?: Ask) => Promise<Got>; readonly close: () => void };
export type WayTo = { readonly host: string; readonly port: number; readonly name: string; readonly ca: string };

const lower = (raw: readonly string[]): string[] => raw.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
const asPieces = (body: Ask['body']): readonly Piece[] =>
  body === undefined ? [] : typeof body === 'string' || Buffer.isBuffer(body) ? [{ bytes: body }] : body;
const sizeOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { bytes }) => sum + Buffer.byteLength(bytes), 0);

type Sink = { readonly write: (bytes: string | Buffer) => unknown; readonly end: () => unknown; readonly destroyed: boolean };

/** Does not wait for anybody to take it: a visitor that only writes. */
function pour(sink: Sink, pieces: readonly Piece[]): void {
  const [first, ...rest] = pieces;
  if (sink.destroyed) return;
  if (first === undefined) {
    sink.end();
    return;
  }
  const now = (): void => {
    if (sink.destroyed) return;
    sink.write(first.bytes);
    pour(sink, rest);
  };
  if (first.afterMs === undefined) now();
  else setTimeout(now, first.afterMs);
}

/** A new HTTP/1.1 connection for every request. */
export function overHttp1({ host, port, name, ca }: WayTo): Way {
  const ask = (asked: Ask = {}): Promise<Got> =>
    new Promise((resolve) => {
      const pieces = asPieces(asked.body);
      const got = { status: 0, reason: '', fields: [] as string[], body: '', trailers: [] as string[], interim: [] as number[] };
      const hasBody = asked.body !== undefined;
      const sent = request({
        host,
        port,
        ca,
        servername: name,
        agent: false,
        method: asked.method ?? (hasBody ? 'POST' : 'GET'),
        path: asked.path ?? '/',
        headers: {
          host: asked.host ?? name,
          ...(hasBody && asked.isChunked !== true ? { 'content-length': String(sizeOf(pieces)) } : {}),
          ...(hasBody && asked.isChunked === true ? { 'transfer-encoding': 'chunked' } : {}),
          ...asked.fields,
        },
      });
      const timer = setTimeout(() => done('waiting'), asked.waitMs ?? 8000);
      const done = (end: Got['end']): void => {
        clearTimeout(timer);
        resolve({ ...got, end });
        sent.destroy();
      };
      sent.on('information', ({ statusCode }) => got.interim.push(statusCode));
      sent.on('continue', () => got.interim.push(100));
      sent.on('response', (answer) => {
        got.status = answer.statusCode ?? 0;
        got.reason = answer.statusMessage ?? '';
        got.fields = lower(answer.rawHeaders);
        answer.setEncoding('latin1');
        answer.on('data', (text: string) => {
          got.body += text;
        });
        answer.on('error', () => done('cut'));
        answer.on('end', () => {
          got.trailers = lower(answer.rawTrailers);
          done('whole');
        });
      });
      sent.on('error', () => done(got.status === 0 ? 'none' : 'cut'));
      if (asked.trailers !== undefined) sent.addTrailers(asked.trailers);
      sent.flushHeaders();
      pour(sent, pieces);
    });
  return { ask, close: () => undefined };
}

/** One HTTP/2 connection for all requests. */
export function overHttp2({ host, port, name, ca }: WayTo): Way {
  let session: ClientHttp2Session | undefined;
  const open = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      session = connect(`https://${authority}`, { ca, servername: name });
      session.on('error', () => undefined);
    }
    return session;
  };
  const ask = (asked: Ask = {}): Promise<Got> =>
    new Promise((resolve) => {
      const pieces = asPieces(asked.body);
      const hasBody = asked.body !== undefined;
      const got = { status: 0, reason: '', fields: [] as string[], body: '', trailers: [] as string[], interim: [] as number[] };
      const stream = open().request(
        {
          ':method': asked.method ?? (hasBody ? 'POST' : 'GET'),
          ':path': asked.path ?? '/',
          ':authority': asked.host ?? name,
          ...(hasBody && asked.isChunked !== true ? { 'content-length': String(sizeOf(pieces)) } : {}),
          ...asked.fields,
        },
        { endStream: !hasBody, waitForTrailers: asked.trailers !== undefined },
      );
      const timer = setTimeout(() => done('waiting'), asked.waitMs ?? 8000);
      const done = (end: Got['end']): void => {
        clearTimeout(timer);
        resolve({ ...got, end });
        stream.destroy();
      };
      const flat = (raw: unknown): string[] => (Array.isArray(raw) ? lower(raw as string[]) : []);
      stream.on('headers', (head: IncomingHttpHeaders) => got.interim.push(Number(head[':status'])));
      stream.on('continue', () => got.interim.push(100));
      stream.on('response', (head: IncomingHttpHeaders, _flags: number, raw?: unknown) => {
        got.status = Number(head[':status']);
        const all = flat(raw);
        for (let at = 0; at < all.length; at += 2) if (all[at] !== ':status') got.fields.push(all[at] ?? '', all[at + 1] ?? '');
      });
      stream.on('trailers', (_head: IncomingHttpHeaders, _flags: number, raw?: unknown) => got.trailers.push(...flat(raw)));
      stream.setEncoding('latin1');
      stream.on('data', (text: string) => {
        got.body += text;
      });
      stream.on('wantTrailers', () => stream.sendTrailers(asked.trailers ?? {}));
      stream.on('error', () => undefined);
      stream.on('close', () => done(got.status === 0 ? 'none' : stream.rstCode === 0 ? 'whole' : 'cut'));
      if (hasBody) pour(stream, pieces);
    });
  return { ask, close: () => session?.destroy() };
}

/** All values of a field. */
export const fieldOf = (raw: readonly string[], name: string): string[] => raw.filter((_, at) => at % 2 === 1 && raw[at - 1] === name);
