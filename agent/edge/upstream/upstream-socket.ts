import { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/** One buffer for all: what is read is looked at before the next read of anybody. */
const shared = Buffer.allocUnsafeSlow(65_536);

/**
 * A socket that goes on reading when it can no longer write. An upstream that answers early and closes makes our next write fail; Node would then
 * destroy the socket together with the answer that is there to be read.
 */
export class UpstreamSocket extends Socket {
  /** The upstream takes nothing any more. */
  isWriteDead = false;

  /** `onRead` gets a view that is good until it returns; false pauses. */
  constructor(onRead: (view: Buffer) => boolean) {
    super({
      allowHalfOpen: true,
      onread: { buffer: shared, callback: (length: number) => onRead(shared.subarray(0, length)) },
    });
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, (error) => this.#written(error, done));
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    super._writev?.(chunks, (error) => this.#written(error, done));
  }

  #written(error: Error | null | undefined, done: Done): void {
    if (error !== null && error !== undefined) this.isWriteDead = true;
    done();
  }
}
