import type { Readable } from 'node:stream';

/** What is held of a body before the upstream is asked: a small one whole, of a large one the beginning. */
export const heldBytes = 65_536;
/** A body without a length may be a conversation: what has come so far goes on after this time. */
const conversationMs = 2000;
/** After an early answer the rest of the body is still taken, so that the visitor reads the answer; not for ever. */
const dropMs = 10_000;
const dropBytes = 16 * 1024 * 1024;

export type UploadOptions = {
  /** As announced; undefined where it is not. */
  readonly length: string | undefined;
  /** Both sides talk at the same time (gRPC): nothing is held. */
  readonly isConversation: boolean;
  readonly trailers: () => readonly string[];
};

type Sink = {
  /** False asks for a pause until `resume`. */
  readonly write: (bytes: Buffer) => boolean;
  readonly end: () => void;
};

/**
 * The body of one request. It takes no connection to the upstream before it is worth one: a visitor who sends drop by drop holds 64 KiB here, and
 * nobody else up.
 */
export class Upload {
  readonly #source: Readable;
  readonly options: UploadOptions;
  #pieces: Buffer[] = [];
  #size = 0;
  #moved = 0;
  #isListening = false;
  #isEnded = false;
  #isHeldUp = false;
  #sink: Sink | undefined;
  #onReady: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isDropped = false;
  #droppedBytes = 0;
  #giveUp: (() => void) | undefined;

  constructor(source: Readable, options: UploadOptions) {
    this.#source = source;
    this.options = options;
  }

  /** Bytes that came from the visitor. */
  get movedBytes(): number {
    return this.#moved;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What is held; the whole body when `isEnded`. */
  get held(): Buffer {
    return this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
  }

  /** Calls back once, when it is time to ask the upstream. Never when the visitor leaves before. */
  start(onReady: () => void): void {
    this.#onReady = onReady;
    this.#listen();
    if (this.options.isConversation) this.#ready();
    else if (this.options.length === undefined) this.#waitForPause();
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#source.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#source.on('end', () => this.#onEnd());
    this.#source.on('error', () => undefined);
  }

  #waitForPause(): void {
    this.#timer = setTimeout(() => (this.#size === 0 ? this.#waitForPause() : this.#ready()), conversationMs);
  }

  /** From here on everything goes to the sink. What is held has been sent by then. */
  pipe(sink: Sink): void {
    this.#sink = sink;
    this.#pieces = [];
    this.#size = 0;
    this.resume();
  }

  /** The upstream takes no more for now: the visitor is not to blame. */
  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  resume(): void {
    this.#isHeldUp = false;
    if (!this.#isEnded) this.#source.resume();
  }

  /** Nobody wants the rest: it is taken and thrown away, for a while. */
  drop(giveUp: () => void): void {
    if (this.#isDropped || this.#isEnded) return;
    this.#stopWaiting();
    this.#isDropped = true;
    this.#pieces = [];
    this.#giveUp = giveUp;
    this.#timer = setTimeout(giveUp, dropMs);
    this.#timer.unref();
    this.#listen();
    this.#source.resume();
  }

  /** Calls back when the last byte has come, at once where it has. */
  whenEnded(act: () => void): void {
    if (this.#isEnded) act();
    else this.#source.once('end', act);
  }

  close(): void {
    this.#stopWaiting();
    this.#pieces = [];
    this.#sink = undefined;
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#onReady = undefined;
  }

  #ready(): void {
    const act = this.#onReady;
    this.#stopWaiting();
    if (act === undefined) return;
    // Until `pipe` a connection is waited for.
    this.#isHeldUp = true;
    if (!this.#isEnded) this.#source.pause();
    act();
  }

  #onData(chunk: Buffer): void {
    this.#moved += chunk.length;
    if (this.#isDropped) {
      this.#droppedBytes += chunk.length;
      if (this.#droppedBytes > dropBytes) this.#giveUp?.();
      return;
    }
    if (this.#sink !== undefined) {
      if (this.#sink.write(chunk)) return;
      this.#isHeldUp = true;
      this.#source.pause();
      return;
    }
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size < heldBytes) return;
    if (this.#onReady === undefined) this.#source.pause();
    else if (Number(this.options.length) !== this.#size) this.#ready();
  }

  #onEnd(): void {
    this.#isEnded = true;
    if (this.#isDropped) clearTimeout(this.#timer);
    else if (this.#sink === undefined) this.#ready();
    else this.#sink.end();
  }
}

/** A body that nobody asks for, behind a page: taken and thrown away, for a while. */
export function dropBody(source: Readable, giveUp: () => void): Upload {
  const upload = new Upload(source, { length: undefined, isConversation: false, trailers: () => [] });
  upload.drop(giveUp);
  return upload;
}

/** Both sides of a call of gRPC may wait for each other's next message. */
export const isConversation = (contentType: string | undefined): boolean => contentType?.startsWith('application/grpc') === true;

/** A body that is empty is said to be so where one is expected (RFC 9110 §8.6). */
export const lengthOfEmpty = (method: string, length: string | undefined): string | undefined =>
  length ?? (method === 'POST' || method === 'PUT' || method === 'PATCH' ? '0' : undefined);
