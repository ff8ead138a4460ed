import type { EdgeContext } from './edge-context.ts';
import type { PageKind } from './friendly-page.ts';
import { headOf, type ResponseHeaders, sortResponse, sortTrailers } from './headers.ts';
import type { RouteEntry } from './route-table.ts';
import { type Passage, safeMethods } from './traffic.ts';
import type { Upload } from './upload.ts';
import type { AnswerHead } from './upstream/answer-parser.ts';
import type { Failure, UpstreamConnection, UpstreamTask } from './upstream/upstream-connection.ts';
import type { Asker } from './upstream/upstream-pool.ts';

export type UpstreamRequest = {
  readonly method: string;
  readonly path: string;
  /** Without what frames a body. */
  readonly headers: string[];
  /** The whole head, where it is there already. */
  readonly head?: string;
  /** As announced for a body that is empty; the upload knows its own. */
  readonly length: string | undefined;
  readonly upload: Upload | undefined;
  readonly address: string;
};

const smallBytes = 65_536;
const pages = { unreadable: 'unreadable', closed: 'broken', unreachable: 'broken', slow: 'slow', bug: 'failed' } as const satisfies Record<
  Failure['kind'],
  PageKind
>;

/** One request on its way to the upstream and back: what is common to both versions. */
export abstract class Exchange implements UpstreamTask, Asker {
  protected readonly context: EdgeContext;
  protected readonly entry: RouteEntry;
  readonly #request: UpstreamRequest;
  readonly #isHstsAllowed: boolean;
  #passage: Passage | undefined;
  #connection: UpstreamConnection | undefined;
  #held: Buffer | undefined;
  #contentLength: number | undefined;
  #receivedBytes = 0;
  #isBodyDropped = false;
  #isHeadSent = false;
  #hasWritten = false;
  #isOver = false;
  #hasTriedAgain = false;
  /** More of the body has gone to the upstream than is held here. */
  #isBeyondHeld = false;
  sinceMs = 0;

  constructor(context: EdgeContext, entry: RouteEntry, request: UpstreamRequest, hstsAllowed: boolean) {
    this.context = context;
    this.entry = entry;
    this.#request = request;
    this.#isHstsAllowed = hstsAllowed;
  }

  get address(): string {
    return this.#request.address;
  }

  get #isSafe(): boolean {
    return safeMethods.has(this.#request.method);
  }

  get isRepeatable(): boolean {
    return this.#isSafe && this.#request.upload === undefined && !this.#hasTriedAgain;
  }

  protected get isHeadRequest(): boolean {
    return this.#request.method === 'HEAD';
  }

  protected abstract sendInterim(status: number, headers: string[]): void;
  protected abstract sendHead(status: number, reason: string, answer: ResponseHeaders): void;
  /** False asks for a pause until `resume`. */
  protected abstract writeBody(chunk: Buffer): boolean;
  protected abstract endBody(chunk: Buffer | undefined, trailers: string[]): void;
  protected abstract flushHead(): void;
  /** The answer cannot be finished: the visitor must see that it is cut, never a short answer that looks whole. */
  protected abstract cut(): void;
  protected abstract sendPage(kind: PageKind, cause: string): void;
  /** The visitor still sends what nobody wants. */
  protected abstract hangUp(): void;

  begin(): void {
    const { upload } = this.#request;
    this.#passage = this.context.traffic.begin(this.entry.route.instanceId, !this.#isSafe);
    if (upload === undefined) {
      this.#ask();
      return;
    }
    this.sinceMs = performance.now();
    if (!this.context.uploads.enter(this)) {
      this.onBusy('too-many-uploads');
      return;
    }
    upload.start(() => {
      this.context.uploads.leave(this);
      this.#ask();
    });
  }

  #ask(): void {
    this.sinceMs = performance.now();
    this.entry.pool.ask(this);
  }

  onConnection(connection: UpstreamConnection): void {
    const { method, path, headers, head: ready, length, upload } = this.#request;
    this.#connection = connection;
    const isHead = this.isHeadRequest;
    if (upload === undefined) {
      connection.ask(this, ready ?? headOf(method, path, headers, { length }), { isHead, isWhole: true });
      return;
    }
    const { held, isEnded } = upload;
    const trailers = isEnded ? sortTrailers(upload.options.trailers()) : [];
    // A body that is here whole goes with its length, which every application understands.
    const known = upload.options.length ?? (isEnded && trailers.length === 0 ? String(held.length) : undefined);
    const head = headOf(method, path, headers, known === undefined ? { isChunked: true } : { length: known });
    const isChunked = known === undefined;
    const body = isChunked ? framed(held, isEnded ? trailers : undefined) : held;
    connection.ask(this, head, { isHead, body: body.length === 0 ? undefined : body, isWhole: isEnded });
    if (isEnded) return;
    upload.pipe({
      write: (bytes) => {
        this.#isBeyondHeld = true;
        return connection.write(isChunked ? framed(bytes, undefined) : bytes);
      },
      end: () => {
        if (isChunked) connection.write(framed(Buffer.alloc(0), sortTrailers(upload.options.trailers())));
        connection.requestSent();
      },
    });
    if (!isEnded) this.#isBeyondHeld = true;
  }

  onBusy(cause: string): void {
    if (this.#isOver) return;
    this.#end();
    this.sendPage('busy', cause);
    this.#dropUpload();
  }

  /** Others need its place. */
  makeWay(): void {
    if (this.#isOver) return;
    this.#connection?.destroy();
    this.#fail('busy', 'made-way');
  }

  /** The visitor has left: the upstream need not go on. */
  visitorLeft(): void {
    if (this.#isOver) return;
    this.#connection?.destroy();
    this.#end();
    this.#request.upload?.close();
  }

  resume(): void {
    this.#connection?.resume();
  }

  onDrain(): void {
    this.#request.upload?.resume();
  }

  #end(): void {
    this.#isOver = true;
    this.#connection = undefined;
    this.#passage?.ended();
    this.entry.pool.leave(this);
    if (this.#request.upload !== undefined) this.context.uploads.leave(this);
  }

  #dropUpload(): void {
    const { upload } = this.#request;
    if (upload === undefined) return;
    if (upload.isEnded) upload.close();
    else upload.drop(() => this.hangUp());
  }

  onInterim(head: AnswerHead): void {
    // The visitor had its 100 when it asked for one.
    if (this.#isOver || head.status === 100) return;
    this.sendInterim(head.status, sortResponse(head.raw, false).headers);
  }

  onHead(head: AnswerHead): void {
    if (this.#isOver) return;
    const answer = sortResponse(head.raw, this.#isHstsAllowed);
    const { status } = head;
    this.#isBodyDropped = status === 205;
    const isEmpty = this.isHeadRequest || status === 204 || status === 205 || status === 304;
    if (status === 204 || status === 205) answer.contentLength = undefined;
    answer.hasTrailers = head.isChunked && !isEmpty;
    this.#contentLength = isEmpty ? 0 : answer.contentLength;
    this.#isHeadSent = true;
    this.#passage?.answered();
    this.sendHead(status, head.reason, answer);
    // What arrived in one piece leaves in one piece. An answer that is only begun must not wait for its body.
    if (!isEmpty && (this.#contentLength === undefined || this.#contentLength > smallBytes)) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#isOver) return;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) {
      if (!this.#hasWritten) this.flushHead();
    } else {
      this.#hasWritten = true;
      this.writeBody(held);
    }
  }

  onBody(view: Buffer): boolean {
    if (this.#isOver || this.#isBodyDropped) return true;
    const chunk = Buffer.from(view);
    this.#receivedBytes += chunk.length;
    if (!this.#hasWritten && this.#held === undefined) {
      if (this.#contentLength === undefined || chunk.length === this.#contentLength) {
        this.#held = chunk;
        return true;
      }
    }
    if (this.#held !== undefined) this.#flush();
    this.#hasWritten = true;
    // The end of an answer that fits in here need not keep the connection until the visitor has read it.
    const left = this.#contentLength === undefined ? Infinity : this.#contentLength - this.#receivedBytes;
    return this.writeBody(chunk) || left <= smallBytes;
  }

  onEnd(trailers: string[]): void {
    if (this.#isOver) return;
    this.#end();
    const held = this.#held;
    this.#held = undefined;
    this.endBody(held, trailers.length === 0 ? trailers : sortTrailers(trailers));
    this.#dropUpload();
  }

  onFailure(failure: Failure): void {
    if (this.#isOver) return;
    // Nothing of it was taken: it is sent again, whatever it does. Where that is not certain, only what changes nothing (RFC 9112 §9.3.1).
    const mayBeSentAgain = failure.taken === 'none' ? !this.#isBeyondHeld : failure.taken === 'unknown' && this.isRepeatable;
    if (mayBeSentAgain && !this.#isHeadSent && !this.#hasTriedAgain) {
      this.#hasTriedAgain = true;
      this.#connection = undefined;
      this.entry.pool.leave(this);
      this.#ask();
      return;
    }
    if (failure.taken === 'unknown') this.entry.pool.distrust();
    if (failure.kind === 'bug') this.context.log.write('bug', { message: failure.cause, instanceId: this.entry.route.instanceId });
    this.#fail(pages[failure.kind], failure.kind === 'bug' ? 'bug' : failure.cause);
  }

  #fail(page: PageKind, cause: string): void {
    this.#end();
    if (this.#isHeadSent) {
      this.context.log.write('cut', { cause, kind: page, instanceId: this.entry.route.instanceId });
      this.#request.upload?.close();
      this.cut();
      return;
    }
    this.sendPage(page, cause);
    this.#dropUpload();
  }
}

/** A piece of a chunked body; with trailers it is the last (RFC 9112 §7.1). */
function framed(bytes: Buffer, trailers: readonly string[] | undefined): Buffer {
  const parts: Buffer[] = [];
  if (bytes.length > 0) parts.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'));
  if (trailers !== undefined) {
    let end = '0\r\n';
    for (let at = 0; at < trailers.length; at += 2) end += `${trailers[at]}: ${trailers[at + 1]}\r\n`;
    parts.push(Buffer.from(`${end}\r\n`, 'latin1'));
  }
  return Buffer.concat(parts);
}
