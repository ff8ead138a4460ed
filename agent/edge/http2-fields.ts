import { type IncomingHttpHeaders, type ServerHttp2Stream, constants } from 'node:http2';
import type { RequestHeaders } from './headers.ts';

export type Head = IncomingHttpHeaders;

/** One request, looked at and let in. */
export type Asked = {
  readonly stream: ServerHttp2Stream;
  readonly head: Head;
  readonly sorted: RequestHeaders;
  readonly authority: string;
  readonly path: string;
  readonly hasBody: boolean;
};

/** Names in lower case, each as often as it came. */
export function asList(status: number, headers: readonly string[]): string[] {
  // HTTP/2 knows no status above 599; it is a server's error (RFC 9110 §15).
  const list = [':status', String(status > 599 ? constants.HTTP_STATUS_INTERNAL_SERVER_ERROR : status)];
  for (let at = 0; at + 1 < headers.length; at += 2) list.push((headers[at] ?? '').toLowerCase(), headers[at + 1] ?? '');
  return list;
}

/** What takes one value per name, or a list. */
export function asObject(headers: readonly string[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    const value = headers[at + 1] ?? '';
    const before = object[name];
    object[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return object;
}

export const isToken = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
/** What HTTP/1.1 cannot carry must not get that far. */
const isUnsafe = (text: string): boolean => /[\0\r\n]/.test(text);

type Fields = { readonly plain: string[]; readonly isBad: boolean };

/** Sorts what is no pseudo field; `isBad` where HTTP/1.1 could not carry it. */
export function fieldsOf(raw: readonly string[]): Fields {
  const plain: string[] = [];
  let cookie = '';
  let isBad = false;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    isBad = isBad || isUnsafe(value);
    // Browsers split cookies into crumbs; HTTP/1.1 wants them in one field (RFC 9113 §8.2.3).
    if (name === 'cookie') cookie = cookie === '' ? value : `${cookie}; ${value}`;
    else if (!name.startsWith(':') && name !== 'host') plain.push(name, value);
  }
  if (cookie !== '') plain.push('cookie', cookie);
  return { plain, isBad };
}
