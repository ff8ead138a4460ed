import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** A body that is not taken, with the status that says why. */
export class BodyRefused extends Error {
  readonly code: 'BODY_TOO_LARGE' | 'BODY_UNREADABLE';
  readonly statusCode: 400 | 413 | 415;
  constructor(code: BodyRefused['code'], statusCode: BodyRefused['statusCode']) {
    super(code);
    this.code = code;
    this.statusCode = statusCode;
  }
}

async function readAtMost(stream: IncomingMessage, limitBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const read = new Promise<void>((resolve, reject) => {
    stream.on('data', (piece: Buffer) => {
      bytes += piece.length;
      pieces.push(piece);
      if (bytes <= limitBytes) return;
      // no byte more is read; the answer ends the connection
      stream.pause();
      reject(new BodyRefused('BODY_TOO_LARGE', 413));
    });
    stream.once('end', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(new BodyRefused('BODY_UNREADABLE', 400)));
  });
  await read;
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Reads a body of unknown length (RFC 9112 §7.1), never more than `limitBytes`: the contract library reads bodies to their end. Answers with what that
 * library takes for a parsed body; undefined when it was empty. Throws `BodyRefused`.
 */
export async function readChunkedBody(request: FastifyRequest, limitBytes: number): Promise<unknown> {
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  const isForm = type === 'application/x-www-form-urlencoded';
  if (type !== 'application/json' && !isForm) throw new BodyRefused('BODY_UNREADABLE', 415);
  const text = await readAtMost(request.raw, limitBytes);
  if (isForm) return new URLSearchParams(text);
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new BodyRefused('BODY_UNREADABLE', 400);
  }
}
