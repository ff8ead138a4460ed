import type { errorNames } from '../frames.ts';

export type ErrorName = (typeof errorNames)[number];

/** What is right. Where RFC 9113 leaves a choice (§5.4: a stream's error may end the connection), both are. */
export type Expected =
  /** The connection ends; where a GOAWAY says why, with one of these codes. */
  | { readonly kind: 'connection-error'; readonly codes?: readonly ErrorName[] }
  /** The stream is reset with one of these codes; `orStatus`: an answer that refuses will do (§8.1.1). */
  | {
      readonly kind: 'stream-error';
      readonly streamId: number;
      readonly codes?: readonly ErrorName[];
      readonly orStatus?: readonly number[];
    }
  | { readonly kind: 'answered'; readonly streamId: number; readonly status: readonly number[]; readonly data?: string }
  /** The connection is as good as before. */
  | { readonly kind: 'goes-on' }
  /** No more than so many bytes of a body on this stream. */
  | { readonly kind: 'at-most'; readonly streamId: number; readonly bytes: number }
  /** The handshake fails. */
  | { readonly kind: 'no-connection' }
  /** An error, or nothing at all: a choice of the one who reads. */
  | { readonly kind: 'dropped' }
  /** HTTP/1.1: an answer that refuses or none, and the end of the connection. */
  | { readonly kind: 'refused' }
  /** HTTP/1.1: an answer with one of these, whole; `isOpen`: and the connection goes on. */
  | { readonly kind: 'said'; readonly status: readonly number[]; readonly body?: string }
  /** HTTP/1.1: begun, and cut in a way that the visitor sees. */
  | { readonly kind: 'cut' }
  /** A WebSocket that is open (101, or 200 on stream 1) and brings these bytes; `isCut`: and then its end. */
  | { readonly kind: 'opened'; readonly data: string; readonly isCut: boolean };

export type Row = {
  /** Of RFC 9113, or of the one that is named. */
  readonly section: string;
  readonly name: string;
  readonly version: 'HTTP/2' | 'HTTP/1.1';
  /** What goes out after the handshake; on HTTP/2 behind preface and SETTINGS, unless `isBare`. `path` is this row's own. */
  readonly send: (path: string, host: string) => readonly Buffer[];
  /** After the first part was taken and answered. */
  readonly after?: (path: string, host: string) => readonly Buffer[];
  readonly isBare?: boolean;
  readonly tls?: Readonly<Record<string, string>>;
  /** What the application answers; `''`: nothing, for ever. Absent: 200 and `good`. */
  readonly upstream?: string;
  readonly upstreamEnds?: boolean;
  readonly expected: Expected;
  /** What this edge does in its place, where its parts leave it no choice, and why that harms nobody. */
  readonly ours?: { readonly expected: Expected; readonly why: string };
  /** What the application must have heard of it: a part of its head or body; `false`: nothing at all of this row. */
  readonly heard?: string | false;
  /** How long this may take, where that is part of it. Milliseconds. */
  readonly patienceMs?: number;
};

/** The same row with what this edge does. */
export const asOurs = (row: Row): Row =>
  row.ours === undefined
    ? row
    : { ...row, expected: row.ours.expected, ...(row.ours.expected.kind === 'answered' ? { heard: 'host: ' } : {}) };

/** What was seen of one row. */
export type Seen = {
  readonly isConnected: boolean;
  readonly isClosed: boolean;
  readonly goaway: ErrorName | undefined;
  readonly resets: ReadonlyMap<number, ErrorName>;
  readonly statuses: ReadonlyMap<number, number>;
  readonly ended: ReadonlySet<number>;
  readonly data: ReadonlyMap<number, string>;
  readonly isProbeAnswered: boolean;
  /** HTTP/1.1: all that came. */
  readonly text: string;
  /** Heads with their bodies that the application heard of this row. */
  readonly heard: readonly string[];
};

const list = (values: readonly (string | number)[] | undefined): string => (values === undefined ? '' : ` (${values.join(', ')})`);

function connectionError({ isClosed, goaway }: Seen, codes: readonly ErrorName[] | undefined): string | undefined {
  if (!isClosed && goaway === undefined) return 'the connection goes on';
  return goaway === undefined || codes === undefined || codes.includes(goaway) ? undefined : `GOAWAY ${goaway}`;
}

function streamError(seen: Seen, { streamId, codes, orStatus }: Extract<Expected, { kind: 'stream-error' }>): string | undefined {
  const [reset, status] = [seen.resets.get(streamId), seen.statuses.get(streamId)];
  if (status !== undefined && orStatus?.includes(status) === true) return undefined;
  if (reset !== undefined && (codes === undefined || codes.includes(reset))) return undefined;
  if (connectionError(seen, codes) === undefined) return undefined;
  return `stream ${streamId}: ${status === undefined ? '' : `answered ${status} `}${reset === undefined ? 'not reset' : `reset ${reset}`}${seen.goaway === undefined ? '' : `, GOAWAY ${seen.goaway}`}`;
}

/** Of an answer of HTTP/1.1 with a length or chunks: its status and body, undefined where it is not whole. */
function wholeAnswer(text: string): { readonly status: number; readonly body: string } | undefined {
  const last = text.replace(/^(?:HTTP\/1\.1 1\d\d[\s\S]*?\r\n\r\n)+/, '');
  const end = last.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [head, body] = [last.slice(0, end), last.slice(end + 4)];
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const isEmpty = status === 204 || status === 304;
  if (/\ntransfer-encoding: *chunked/i.test(head)) return /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(body) ? { status, body } : undefined;
  if (length !== undefined && !isEmpty && body.length < Number(length)) return undefined;
  return { status, body };
}

/** Both versions of it. */
export const openedWith = ({ text, data, statuses }: Pick<Seen, 'text' | 'data' | 'statuses'>): string | undefined => {
  if (statuses.get(1) === 200) return data.get(1) ?? '';
  return /^(?:HTTP\/1\.1 10[023][\s\S]*?\r\n\r\n)*HTTP\/1\.1 101 [\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text)?.[1];
};

function openedProblem(seen: Seen, { data, isCut }: Extract<Expected, { kind: 'opened' }>): string | undefined {
  const got = openedWith(seen);
  if (got === undefined) return `not opened: ${seen.statuses.get(1) ?? JSON.stringify(seen.text.slice(0, 60))}`;
  if (got !== data) return `opened with ${JSON.stringify(got.slice(0, 60))}`;
  const isOver = seen.isClosed || seen.ended.has(1) || seen.resets.has(1);
  return isCut === isOver ? undefined : isOver ? 'it is at its end' : 'it has no end';
}

function expectedProblem(seen: Seen, expected: Expected): string | undefined {
  switch (expected.kind) {
    case 'no-connection':
      return seen.isConnected ? 'the handshake succeeds' : undefined;
    case 'connection-error':
      return connectionError(seen, expected.codes);
    case 'stream-error':
      return streamError(seen, expected);
    case 'answered': {
      const status = seen.statuses.get(expected.streamId) ?? 0;
      if (!expected.status.includes(status))
        return `stream ${expected.streamId} answered ${status}${list(seen.goaway === undefined ? undefined : [seen.goaway])}`;
      if (!seen.ended.has(expected.streamId)) return `the answer on ${expected.streamId} has no end`;
      return expected.data === undefined || seen.data.get(expected.streamId) === expected.data
        ? undefined
        : `body ${JSON.stringify(seen.data.get(expected.streamId))}`;
    }
    case 'goes-on':
      return seen.isProbeAnswered ? undefined : `the connection ends${list(seen.goaway === undefined ? undefined : [seen.goaway])}`;
    case 'dropped':
      return seen.isProbeAnswered || seen.isClosed || seen.goaway !== undefined ? undefined : 'no answer to a PING behind it';
    case 'at-most': {
      const bytes = (seen.data.get(expected.streamId) ?? '').length;
      if (!seen.isProbeAnswered) return `the connection ends${list(seen.goaway === undefined ? undefined : [seen.goaway])}`;
      return bytes <= expected.bytes ? undefined : `${bytes} bytes`;
    }
    case 'refused': {
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(seen.text)?.[1] ?? 0);
      if (status !== 0 && status < 400) return `answered ${status}`;
      return seen.isClosed ? undefined : `answered ${status}, and the connection goes on`;
    }
    case 'said': {
      const answer = wholeAnswer(seen.text);
      if (answer === undefined || !expected.status.includes(answer.status))
        return `answered ${answer?.status ?? JSON.stringify(seen.text.slice(0, 60))}`;
      return expected.body === undefined || answer.body.includes(expected.body)
        ? undefined
        : `body ${JSON.stringify(answer.body.slice(0, 60))}`;
    }
    case 'opened':
      return openedProblem(seen, expected);
    case 'cut':
      return seen.isClosed && wholeAnswer(seen.text) === undefined ? undefined : 'the answer looks whole, or the connection goes on';
  }
}

/** Why what was seen is wrong, in a few words; undefined when it is right. */
export function problemOf({ expected, heard }: Pick<Row, 'expected' | 'heard'>, seen: Seen): string | undefined {
  const problem = expectedProblem(seen, expected);
  if (problem !== undefined) return problem;
  if (heard === false)
    return seen.heard.length === 0 ? undefined : `the application heard ${JSON.stringify(seen.heard[0]?.split('\r\n')[0])}`;
  if (heard !== undefined && !seen.heard.some((one) => one.toLowerCase().includes(heard.toLowerCase())))
    return `the application heard ${JSON.stringify(seen.heard[0]?.slice(0, 80) ?? 'nothing')}`;
  return seen.heard.some((one) => one.includes('/hidden')) ? 'the application heard a request that was hidden' : undefined;
}
