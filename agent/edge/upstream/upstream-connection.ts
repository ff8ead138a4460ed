import { type AnswerHandler, type AnswerHead, AnswerParser, BadAnswer } from './answer-parser.ts';
import type { UpstreamLimits } from './limits.ts';
import { UpstreamSocket } from './upstream-socket.ts';

/**
 * Why there is no whole answer. `unreadable`: what came is none. `closed`: the upstream ended before it had answered. `unreachable`: no connection.
 * `slow`: no answer in time. `bug`: ours.
 */
export type Failure = {
  readonly kind: 'unreadable' | 'closed' | 'unreachable' | 'slow' | 'bug';
  readonly cause: string;
  /**
   * Whether the upstream took some of the request. `none` is proven by its kernel, which refused our bytes because it had closed before. `unknown`: a
   * connection that had been used before ended without a byte of an answer. A new connection cannot have been closed before: there it is `some`.
   */
  readonly taken: 'none' | 'unknown' | 'some';
};

/** One request and its answer, on the side of the visitor. */
export type UpstreamTask = {
  readonly onInterim: (head: AnswerHead) => void;
  readonly onHead: (head: AnswerHead) => void;
  /** False asks for a pause until `resume`. The view is good until this returns. */
  readonly onBody: (view: Buffer) => boolean;
  readonly onEnd: (trailers: string[]) => void;
  readonly onFailure: (failure: Failure) => void;
  /** The upstream takes more of the body. */
  readonly onDrain: () => void;
};

export type UpstreamTarget = { readonly host: string; readonly port: number };

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.message);

type State = 'connecting' | 'idle' | 'asked' | 'answering' | 'closed';

/** A connection to the upstream: one request at a time, no pipelining. */
export class UpstreamConnection implements AnswerHandler {
  readonly #socket: UpstreamSocket;
  readonly #parser = new AnswerParser(this);
  readonly #limits: UpstreamLimits;
  /** Told once, when it is of no use any more, and each time that it is free again. */
  readonly #owner: { readonly onFree: (connection: UpstreamConnection) => void; readonly onGone: (connection: UpstreamConnection) => void };
  #state: State = 'connecting';
  #task: UpstreamTask | undefined;
  #isRequestSent = false;
  #isPaused = false;
  #hasAnswered = false;
  /** Its kernel took no byte of this request. */
  #isRefusedAtOnce = false;
  #movedMs = performance.now();
  #idleLimitMs: number;
  /** Answers so far. */
  uses = 0;
  /** The upstream said for how long it keeps this connection. */
  isPromised = false;

  constructor(
    target: UpstreamTarget,
    limits: UpstreamLimits,
    owner: { readonly onFree: (connection: UpstreamConnection) => void; readonly onGone: (connection: UpstreamConnection) => void },
  ) {
    this.#limits = limits;
    this.#owner = owner;
    this.#idleLimitMs = limits.idleMs;
    const socket = new UpstreamSocket((view) => this.#onRead(view));
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('connect', () => {
      if (this.#state === 'connecting') this.#state = 'asked';
    });
    socket.on('end', () => this.#onReadEnd());
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', () => this.#fail('closed', 'closed', 'some'));
    socket.on('drain', () => this.#task?.onDrain());
    // Wine refuses a connection whose keep-alive probes are set before it is made; over loopback nobody vanishes without a word.
    socket.connect({ host: target.host, port: target.port });
  }

  get idleMs(): number {
    return performance.now() - this.#movedMs;
  }

  /** `head` is the whole head; `body` what there is of the body, framed; `isWhole`: nothing follows. */
  ask(
    task: UpstreamTask,
    head: string,
    asked: { readonly isHead: boolean; readonly body?: Buffer | undefined; readonly isWhole: boolean },
  ): void {
    this.#task = task;
    this.#isRequestSent = asked.isWhole;
    this.#hasAnswered = false;
    this.#movedMs = performance.now();
    if (this.#state === 'idle') this.#state = 'asked';
    this.#parser.begin(asked.isHead);
    if (asked.body === undefined) this.#socket.write(head, 'latin1');
    else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(asked.body);
      this.#socket.uncork();
    }
    this.#isRefusedAtOnce = this.uses > 0 && this.#socket.isWriteDead;
  }

  /** More of the body; false asks to wait for `onDrain`. What the upstream does not want any more is dropped here. */
  write(bytes: Buffer | string): boolean {
    if (this.#socket.isWriteDead || this.#state === 'closed') return true;
    return this.#socket.write(bytes as string, 'latin1');
  }

  requestSent(): void {
    this.#isRequestSent = true;
    this.#movedMs = performance.now();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#movedMs = performance.now();
    this.#socket.resume();
  }

  /** Without a word to the task. */
  destroy(): void {
    this.#task = undefined;
    this.#gone();
  }

  /** Called every `lookMs`. */
  look(nowMs: number): void {
    const silentMs = nowMs - this.#movedMs;
    const { connectMs, firstByteMs, betweenPiecesMs } = this.#limits;
    if (this.#task === undefined) {
      if (silentMs > this.#idleLimitMs) this.#gone();
    } else if (this.#state === 'connecting') {
      if (silentMs > connectMs) this.#fail('unreachable', 'connect-timeout', 'some');
    } else if (this.#state === 'asked') {
      if (this.#isRequestSent && silentMs > firstByteMs) this.#fail('slow', 'no-answer', 'some');
    } else if (!this.#isPaused && silentMs > betweenPiecesMs) this.#fail('slow', 'silent-answer', 'some');
  }

  #onRead(view: Buffer): boolean {
    if (this.#state === 'closed') return true;
    this.#movedMs = performance.now();
    this.#hasAnswered = true;
    try {
      this.#parser.feed(view);
    } catch (error) {
      if (error instanceof BadAnswer) this.#fail('unreadable', error.message, 'some');
      else this.#fail('bug', error instanceof Error ? (error.stack ?? error.message) : String(error), 'some');
      return true;
    }
    return !this.#isPaused;
  }

  onInterim(head: AnswerHead): void {
    this.#task?.onInterim(head);
  }

  onHead(head: AnswerHead): void {
    this.#state = 'answering';
    // What the upstream keeps it for, less two seconds, so that its end does not cross a request.
    this.isPromised = head.keepAliveSeconds !== undefined;
    if (head.keepAliveSeconds !== undefined)
      this.#idleLimitMs = Math.min(this.#limits.idleMs, Math.max(0, head.keepAliveSeconds * 1000 - 2000));
    this.#task?.onHead(head);
  }

  onBody(view: Buffer): void {
    if (this.#task?.onBody(view) === false) this.#isPaused = true;
  }

  onUpgrade(): void {
    throw new BadAnswer('101-unasked');
  }

  onEnd(trailers: string[]): void {
    const task = this.#task;
    this.#task = undefined;
    this.#isPaused = false;
    this.uses += 1;
    const isFree = this.#isRequestSent && this.#state !== 'closed' && this.#parser.isReusable && this.#idleLimitMs > 0;
    if (!isFree) this.#gone();
    else this.#state = 'idle';
    task?.onEnd(trailers);
    // Bytes behind the answer may be in the same piece: then the parser's complaint comes before anybody is given this connection.
    if (isFree) queueMicrotask(() => this.#free());
  }

  #free(): void {
    if (this.#state !== 'idle' || this.#task !== undefined) return;
    this.#owner.onFree(this);
  }

  #onReadEnd(): void {
    if (this.#task === undefined) {
      this.#gone();
      return;
    }
    if (this.#parser.close()) return;
    // The upstream had closed before our bytes came: then its kernel has answered them with a reset, and refuses more.
    const isRefused = !this.#hasAnswered && this.uses > 0 && (this.#socket.isWriteDead || !this.#isStillTaking());
    this.#fail('closed', 'closed', isRefused ? 'none' : this.#takenSoFar);
  }

  get #takenSoFar(): Failure['taken'] {
    return this.#hasAnswered || this.uses === 0 ? 'some' : 'unknown';
  }

  /** Sends an empty line, which nobody takes for a request, and sees whether it is refused. */
  #isStillTaking(): boolean {
    this.#socket.write('\r\n', 'latin1');
    return !this.#socket.isWriteDead;
  }

  #onError(error: Error): void {
    if (this.#state === 'connecting') this.#fail('unreachable', codeOf(error), 'some');
    else this.#fail('closed', codeOf(error), this.#isRefusedAtOnce && !this.#hasAnswered ? 'none' : this.#takenSoFar);
  }

  #fail(kind: Failure['kind'], cause: string, taken: Failure['taken']): void {
    const task = this.#task;
    this.#task = undefined;
    this.#gone();
    task?.onFailure({ kind, cause, taken });
  }

  #gone(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.destroy();
    this.#owner.onGone(this);
  }
}
