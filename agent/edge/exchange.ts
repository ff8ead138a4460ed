import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { PageKind } from './friendly-page.ts';
import { sortResponse } from './headers.ts';
import type { RouteEntry } from './route-table.ts';
import { type Passage, safeMethods, type Traffic } from './traffic.ts';

export type UpstreamRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: Readable | null;
};

const smallBytes = 65_536;

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function pageOf(code: string): PageKind {
  return code === 'UND_ERR_HEADERS_TIMEOUT' ? 'slow' : 'broken';
}

/**
 * One request on its way to the upstream and back. It speaks undici's raw handler interface, because that one hands over header fields as they
 * came; the newer one builds an object of lists for every answer.
 * https://github.com/nodejs/undici/blob/v7.x/docs/docs/api/Dispatcher.md
 */
export abstract class Exchange implements Dispatcher.DispatchHandler {
  readonly #entry: RouteEntry;
  readonly #request: UpstreamRequest;
  readonly #isHstsAllowed: boolean;
  readonly #traffic: Traffic;
  #passage: Passage | undefined;
  #abort: ((error?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #held: Buffer | undefined;
  #contentLength: number | undefined;
  #isHeadSent = false;
  #hasWritten = false;
  #isOver = false;
  #hasTriedAgain = false;

  constructor(traffic: Traffic, entry: RouteEntry, request: UpstreamRequest, hstsAllowed: boolean) {
    this.#traffic = traffic;
    this.#entry = entry;
    this.#request = request;
    this.#isHstsAllowed = hstsAllowed;
  }

  protected abstract sendHead(status: number, statusText: string, headers: string[]): void;
  /** False asks for a pause until `resume`. */
  protected abstract writeBody(chunk: Buffer): boolean;
  protected abstract endBody(chunk: Buffer | undefined): void;
  protected abstract flushHead(): void;
  /** The answer cannot be finished: the visitor must see that it is cut, never a short answer that looks whole. */
  protected abstract cut(): void;
  protected abstract sendPage(kind: PageKind, cause: string): void;

  begin(): void {
    this.#passage ??= this.#traffic.begin(this.#entry.route.instanceId, !safeMethods.has(this.#request.method));
    this.#entry.pool.dispatch(
      {
        method: this.#request.method,
        path: this.#request.path,
        headers: this.#request.headers,
        body: this.#request.body,
      },
      this,
    );
  }

  /** The visitor has left: the upstream need not go on. */
  visitorLeft(): void {
    if (this.#isOver) return;
    this.#end();
    this.#abort?.();
  }

  resume(): void {
    this.#resume?.();
  }

  #end(): void {
    this.#isOver = true;
    this.#passage?.ended();
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#isOver) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200 || this.#isOver) return true;
    this.#resume = resume;
    const { headers, contentLength } = sortResponse(raw, this.#isHstsAllowed);
    this.#contentLength = contentLength;
    this.#isHeadSent = true;
    this.#passage?.answered();
    this.sendHead(status, statusText, headers);
    // What arrived in one piece leaves in one piece. An answer that is only begun must not wait for its body.
    if (contentLength === undefined || contentLength > smallBytes) queueMicrotask(() => this.#flush());
    return true;
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

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    if (!this.#hasWritten && this.#held === undefined) {
      if (this.#contentLength === undefined || chunk.length === this.#contentLength) {
        this.#held = chunk;
        return true;
      }
    }
    if (this.#held !== undefined) this.#flush();
    this.#hasWritten = true;
    return this.writeBody(chunk);
  }

  onComplete(): void {
    if (this.#isOver) return;
    this.#end();
    const held = this.#held;
    this.#held = undefined;
    this.endBody(held);
  }

  onError(error: Error): void {
    if (this.#isOver) return;
    const code = codeOf(error);
    if (this.#isHeadSent) {
      this.#end();
      this.cut();
      return;
    }
    // Asking again is safe only for methods that change nothing, and only while nothing was answered (RFC 9110 §9.2.1).
    // An upstream may close an idle connection at the very moment at which a request is sent on it: that request never arrived.
    const isRaced = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
    if (isRaced && !this.#hasTriedAgain && this.#request.body === null && safeMethods.has(this.#request.method)) {
      this.#hasTriedAgain = true;
      this.begin();
      return;
    }
    this.#end();
    this.sendPage(pageOf(code), code);
  }
}
