/**
 * Reads one answer of HTTP/1.1 after the other (RFC 9112). Strict where two readers could see different bytes (lengths, codings, names), lenient
 * where RFC 9112 asks a proxy to mend: line feeds alone (§2.2), folded values (§5.2), the same length twice (§6.3).
 */
export type AnswerHead = {
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value … as they came, in Latin-1. */
  readonly raw: string[];
  readonly isChunked: boolean;
  readonly contentLength: number | undefined;
  /** Seconds that the upstream keeps an idle connection, where it says so. */
  readonly keepAliveSeconds: number | undefined;
};

export type AnswerHandler = {
  /** 1xx but 101. */
  readonly onInterim: (head: AnswerHead) => void;
  readonly onHead: (head: AnswerHead) => void;
  /** A view of the bytes that were fed: copy what must last. */
  readonly onBody: (view: Buffer) => void;
  readonly onEnd: (trailers: string[]) => void;
  /** 101, only when it was asked for; `rest` belongs to the other protocol. */
  readonly onUpgrade: (head: AnswerHead, rest: Buffer) => void;
};

/** These bytes are no answer; `message` is the cause for the log. */
export class BadAnswer extends Error {}

const maximumHeadBytes = 65_536;
const maximumLineBytes = 4096;
const maximumTrailerBytes = 16_384;
const carriageReturn = 13;
const lineFeed = 10;

const statusLine = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: ([^\r]*))?\r?$/;
/** Never in a head, whatever it says (RFC 9110 §5.5). */
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

type State = 'idle' | 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close' | 'upgraded';

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === carriageReturn;

/** Without spaces and tabs at both ends, and without the carriage return; nothing else is space (RFC 9110 §5.5). */
function trimmed(line: string, from: number, to = line.length): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(line.charCodeAt(start))) start += 1;
  while (end > start && isSpace(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

/** From lines that end with a line feed; a carriage return may stand before it. */
function fieldsOf(text: string, from: number): string[] {
  const raw: string[] = [];
  for (let at = from, end = 0; at < text.length; at = end + 1) {
    const feed = text.indexOf('\n', at);
    end = feed < 0 ? text.length : feed;
    const stop = text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
    if (stop <= at) continue;
    if (isSpace(text.charCodeAt(at))) {
      if (raw.length === 0) throw new BadAnswer('fold-first');
      raw[raw.length - 1] = trimmed(`${raw.at(-1)} ${trimmed(text, at, stop)}`, 0);
      continue;
    }
    const colon = text.indexOf(':', at);
    if (colon <= at || colon >= end) throw new BadAnswer('field-without-colon');
    // A proxy takes away the space before a colon (RFC 9112 §5.1).
    const name = text.charCodeAt(colon - 1) > 32 ? text.slice(at, colon) : trimmed(text, at, colon);
    raw.push(name, trimmed(text, colon + 1, stop));
  }
  return raw;
}

type Framing = Pick<AnswerHead, 'isChunked' | 'contentLength' | 'keepAliveSeconds'> & { readonly isLast: boolean };

function framingOf(raw: readonly string[], minor: number): Framing {
  let contentLength: number | undefined;
  let isChunked = false;
  let isLast = minor === 0;
  let keepAliveSeconds: number | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    // Most names have another length: no lower-casing for them.
    if (name.length !== 10 && name.length !== 14 && name.length !== 17) continue;
    const value = raw[at + 1] ?? '';
    switch (name.toLowerCase()) {
      case 'content-length': {
        if (!/^\d{1,15}$/.test(value)) throw new BadAnswer('length-invalid');
        const length = Number(value);
        if (contentLength !== undefined && contentLength !== length) throw new BadAnswer('two-lengths');
        contentLength = length;
        break;
      }
      case 'transfer-encoding':
        if (isChunked || value.toLowerCase() !== 'chunked') throw new BadAnswer('coding-unknown');
        isChunked = true;
        break;
      case 'connection': {
        const said = value.toLowerCase();
        if (said.includes('close')) isLast = true;
        else if (minor === 0 && said.includes('keep-alive')) isLast = false;
        break;
      }
      case 'keep-alive': {
        const seconds = /\btimeout\s*=\s*(\d{1,6})/i.exec(value)?.[1];
        if (seconds !== undefined) keepAliveSeconds = Number(seconds);
        break;
      }
      default:
    }
  }
  if (isChunked && contentLength !== undefined) throw new BadAnswer('both-lengths');
  return { isChunked, contentLength, keepAliveSeconds, isLast };
}

export class AnswerParser {
  readonly #handler: AnswerHandler;
  #state: State = 'idle';
  #isHead = false;
  #mayUpgrade = false;
  #isLast = false;
  #left = 0;
  /** What of a head, a size or trailers has come so far. */
  #held: Buffer | undefined;
  #heldLength = 0;

  constructor(handler: AnswerHandler) {
    this.#handler = handler;
  }

  /** The next answer is for a request of this kind. */
  begin(isHead: boolean, mayUpgrade = false): void {
    this.#state = 'head';
    this.#isHead = isHead;
    this.#mayUpgrade = mayUpgrade;
    this.#isLast = false;
  }

  /** Nothing is awaited, and the upstream did not say that it ends. */
  get isReusable(): boolean {
    return this.#state === 'idle' && !this.#isLast;
  }

  /** Throws `BadAnswer`; then the connection is of no use any more. */
  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'idle':
          throw new BadAnswer('bytes-behind-answer');
        case 'head':
          at = this.#readHead(bytes, at);
          break;
        case 'length':
        case 'chunk': {
          const end = Math.min(bytes.length, at + this.#left);
          this.#left -= end - at;
          const view = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
          at = end;
          const isOver = this.#left === 0;
          const state = this.#state;
          this.#handler.onBody(view);
          if (isOver && state === 'chunk') this.#state = 'chunk-end';
          else if (isOver) this.#end([]);
          break;
        }
        case 'until-close':
          this.#handler.onBody(at === 0 ? bytes : bytes.subarray(at));
          return;
        case 'chunk-size':
        case 'chunk-end':
        case 'trailers':
          at = this.#readLine(bytes, at);
          break;
        case 'upgraded':
          return;
      }
    }
  }

  /** The upstream closed. True when that was the proper end of an answer. */
  close(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#end([]);
    return true;
  }

  #end(trailers: string[]): void {
    this.#state = 'idle';
    this.#handler.onEnd(trailers);
  }

  #hold(bytes: Buffer, limit: number, cause: string): void {
    const length = this.#heldLength + bytes.length;
    if (length > limit) throw new BadAnswer(cause);
    if (this.#held === undefined || this.#held.length < length) {
      const more = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(1024, length * 2)));
      this.#held?.copy(more, 0, 0, this.#heldLength);
      this.#held = more;
    }
    bytes.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
  }

  #readHead(bytes: Buffer, at: number): number {
    const from = Math.max(0, this.#heldLength - 3);
    const before = this.#heldLength;
    if (this.#held === undefined) {
      const end = endOfHead(bytes, at);
      if (end >= 0) {
        if (end - at > maximumHeadBytes) throw new BadAnswer('head-too-long');
        return this.#onHead(bytes.toString('latin1', at, end), bytes, end);
      }
    }
    this.#hold(bytes.subarray(at, Math.min(bytes.length, at + maximumHeadBytes + 1)), maximumHeadBytes, 'head-too-long');
    const held = this.#held?.subarray(0, this.#heldLength) ?? bytes;
    // What can be no answer is not waited for.
    if (this.#heldLength >= 5 && held.toString('latin1', 0, 5) !== 'HTTP/') throw new BadAnswer('not-http');
    const end = endOfHead(held, from);
    if (end < 0) return bytes.length;
    const text = held.toString('latin1', 0, end);
    this.#drop();
    return this.#onHead(text, bytes, at + end - before);
  }

  #drop(): void {
    this.#held = undefined;
    this.#heldLength = 0;
  }

  #onHead(text: string, bytes: Buffer, next: number): number {
    if (forbidden.test(text)) throw new BadAnswer('control-character');
    const lineEnd = text.indexOf('\n');
    const match = statusLine.exec(lineEnd < 0 ? text : text.slice(0, lineEnd));
    if (match === null) throw new BadAnswer('not-http');
    const status = Number(match[2]);
    const raw = lineEnd < 0 ? [] : fieldsOf(text, lineEnd + 1);
    const framing = framingOf(raw, Number(match[1]));
    const head: AnswerHead = { status, reason: match[3] ?? '', raw, ...framing };
    if (status === 101) {
      if (!this.#mayUpgrade) throw new BadAnswer('101-unasked');
      this.#state = 'upgraded';
      this.#handler.onUpgrade(head, bytes.subarray(next));
      return bytes.length;
    }
    if (status < 200) {
      this.#handler.onInterim(head);
      return next;
    }
    this.#isLast = framing.isLast;
    const { isChunked, contentLength } = head;
    const isEmpty = this.#isHead || status === 204 || status === 304;
    if (isEmpty || contentLength === 0) this.#state = 'idle';
    else if (isChunked) this.#state = 'chunk-size';
    else if (contentLength === undefined) this.#state = 'until-close';
    else [this.#state, this.#left] = ['length', contentLength];
    if (this.#state === 'until-close') this.#isLast = true;
    const isWhole = this.#state === 'idle';
    this.#handler.onHead(head);
    if (isWhole) this.#handler.onEnd([]);
    return next;
  }

  /** A line of a chunked body (RFC 9112 §7.1): only CR LF ends one. */
  #readLine(bytes: Buffer, at: number): number {
    const isTrailers = this.#state === 'trailers';
    const end = bytes.indexOf(lineFeed, at);
    const next = end < 0 ? bytes.length : end + 1;
    this.#hold(bytes.subarray(at, next), isTrailers ? maximumTrailerBytes : maximumLineBytes, 'chunk-invalid');
    if (end < 0) return next;
    const held = this.#held?.subarray(0, this.#heldLength) ?? bytes;
    if (held.length < 2 || held[held.length - 2] !== carriageReturn) throw new BadAnswer('chunk-invalid');
    if (isTrailers) {
      this.#onTrailerLine(held);
      return next;
    }
    const text = held.toString('latin1', 0, held.length - 2);
    this.#drop();
    if (this.#state === 'chunk-end') {
      if (text !== '') throw new BadAnswer('chunk-invalid');
      this.#state = 'chunk-size';
      return next;
    }
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(text)?.[1];
    if (size === undefined) throw new BadAnswer('chunk-invalid');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return next;
  }

  /** Trailers are kept in one piece until their empty line. */
  #onTrailerLine(held: Buffer): void {
    const isEmptyLine = held.length === 2 || (held.length > 2 && held[held.length - 3] === lineFeed);
    if (!isEmptyLine) return;
    const text = held.toString('latin1', 0, held.length - 2);
    this.#drop();
    if (forbidden.test(text)) throw new BadAnswer('control-character');
    this.#end(text === '' ? [] : fieldsOf(text, 0));
  }
}

/** Where the body begins, or -1. */
function endOfHead(bytes: Buffer, from: number): number {
  const usual = bytes.indexOf('\n\r\n', from, 'latin1');
  const bare = (usual < 0 ? bytes.subarray(from) : bytes.subarray(from, usual + 1)).indexOf('\n\n', 0, 'latin1');
  if (bare >= 0) return from + bare + 2;
  return usual < 0 ? -1 : usual + 3;
}
