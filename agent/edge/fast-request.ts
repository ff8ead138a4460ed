import { edgeCheckHost } from './edge-check.ts';
import { kindOf } from './headers.ts';

/** A whole request without a body that can be read in one way only. */
export type FastRequest = {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly host: string;
  /** The fields that pass, as they came, each with its line end. */
  readonly fields: string;
};

const method = /^(?:GET|HEAD) /;
const origin = /^\/[!-"$-~]*$/;
const lines = /^(?:[\t\x20-\x7e\x80-\xff]*\r\n)+$/;
const visible = /^[!-~]+$/;
const version = ' HTTP/1.1';
/** Nothing else is space (RFC 9110 §5.5). */
const trimmed = (value: string): string => value.replace(/^[\t ]+|[\t ]+$/g, '');
/** Answered before the request is passed on, or by another protocol. */
const notHere: ReadonlySet<string> = new Set(['expect', 'upgrade']);

/**
 * Reads what most requests are: GET or HEAD, complete, alone in its piece, nothing in it that frames, upgrades or could be read in two ways. Undefined for
 * everything else, right or wrong: that is for the parser that knows all of RFC 9112.
 */
export function readFastRequest(text: string): FastRequest | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0 || headEnd !== text.length - 4 || !method.test(text) || !lines.test(text)) return undefined;
  const lineEnd = text.indexOf('\r\n');
  const pathAt = text.indexOf(' ') + 1;
  const path = text.slice(pathAt, lineEnd - version.length);
  if (!text.endsWith(version, lineEnd) || !origin.test(path)) return undefined;
  let host: string | undefined;
  let fields = '';
  // Fields that stand side by side pass in one piece.
  let from = lineEnd + 2;
  for (let at = from; at < headEnd; ) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) return undefined;
    const name = text.slice(at, colon);
    switch (kindOf(name)) {
      case 'pass':
      case 'set-cookie':
      case 'alt-svc':
      case 'strict-transport-security':
        at = end + 2;
        continue;
      case 'host':
        if (host !== undefined) return undefined;
        host = trimmed(text.slice(colon + 1, end));
        break;
      case 'connection':
        if (trimmed(text.slice(colon + 1, end)).toLowerCase() !== 'keep-alive') return undefined;
        break;
      case 'drop':
        if (notHere.has(name.toLowerCase())) return undefined;
        break;
      default:
        return undefined;
    }
    fields += text.slice(from, at);
    from = end + 2;
    at = from;
  }
  if (host === undefined || !visible.test(host) || host === edgeCheckHost) return undefined;
  return { method: pathAt === 4 ? 'GET' : 'HEAD', path, host, fields: fields + text.slice(from, headEnd + 2) };
}

/** The value of a field of a request; undefined where it has none. */
export function fieldOf(request: FastRequest, name: string): string | undefined {
  for (const line of request.fields.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}
