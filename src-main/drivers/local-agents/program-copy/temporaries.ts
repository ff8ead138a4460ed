import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** `.<what>.<process number>.<16 digits>.tmp`: something of a copy that is not whole yet, or no longer. The number says who works on it. */
const form = /^\.(.+)\.(\d{1,10})\.[0-9a-f]{16}\.tmp$/;

/** A name in `root` that nobody else uses, for this process. */
export function temporaryIn(root: string, what: string): string {
  return join(root, `.${what}.${process.pid}.${randomBytes(8).toString('hex')}.tmp`);
}

/** What such a name says; undefined for a name of another form. */
export function readTemporary(name: string): { readonly what: string; readonly maker: number } | undefined {
  const [, what, maker] = form.exec(name) ?? [];
  return what === undefined || maker === undefined ? undefined : { what, maker: Number(maker) };
}
