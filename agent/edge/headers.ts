/**
 * What passes and what is replaced on the way through the edge. Hop-by-hop fields belong to one connection (RFC 9110 §7.6.1) and end here;
 * what a client says about who it is (`Forwarded`, `X-Forwarded-*`) is never believed.
 */
type Kind = 'pass' | 'drop' | 'connection' | 'host' | 'transfer-encoding' | 'content-length' | 'strict-transport-security';

const special: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['connection', 'connection'],
  ['host', 'host'],
  ['transfer-encoding', 'transfer-encoding'],
  ['content-length', 'content-length'],
  ['strict-transport-security', 'strict-transport-security'],
  ...['keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'upgrade', 'http2-settings'].map(
    (name): [string, Kind] => [name, 'drop'],
  ),
  // Answered here, because undici does not speak it.
  ['expect', 'drop'],
  ['forwarded', 'drop'],
  ['x-real-ip', 'drop'],
  ['x-client-ip', 'drop'],
  ['true-client-ip', 'drop'],
  ['x-original-host', 'drop'],
  ['x-original-url', 'drop'],
  ['x-rewrite-url', 'drop'],
]);

/** Names as they were written, so that the common ones need no lower-casing. Bounded: names come from outside. */
const known = new Map<string, Kind>();
const maximumKnown = 2000;

function kindOf(name: string): Kind {
  const found = known.get(name);
  if (found !== undefined) return found;
  const lower = name.toLowerCase();
  const kind = special.get(lower) ?? (lower.startsWith('x-forwarded-') ? 'drop' : 'pass');
  if (known.size < maximumKnown) known.set(name, kind);
  return kind;
}

/** The names that a Connection field takes with it, lower case. The usual values name none. */
function namedIn(connection: string): ReadonlySet<string> | undefined {
  if (connection === 'keep-alive' || connection === 'Keep-Alive' || connection === 'close') return undefined;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    // A client must not be able to take away what routing and framing stand on.
    .filter((name) => !['', 'close', 'keep-alive', 'host', 'content-length'].includes(name));
  return names.length === 0 ? undefined : new Set(names);
}

function joined(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  return one === undefined || other === undefined ? (one ?? other) : new Set([...one, ...other]);
}

function withoutNamed(headers: string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!named.has(name.toLowerCase())) kept.push(name, headers[at + 1] ?? '');
  }
  return kept;
}

export type Visitor = { readonly address: string; readonly isSecure: boolean };

export type RequestHeaders = {
  /** Name, value, name, value …; without Host, which is added by `addForwarded`. */
  readonly headers: string[];
  readonly host: string | undefined;
  readonly hasBody: boolean;
};

/**
 * Sorts the raw fields of an HTTP/1.1 request. Undefined when its length or its host is ambiguous: then it is refused and the connection
 * closed, because the next proxy or the application might see another request in the same bytes (RFC 9112 §11.2).
 */
export function sortRequest(raw: readonly string[], httpVersionMinor: number): RequestHeaders | undefined {
  let headers: string[] = [];
  let host: string | undefined;
  let lengths = 0;
  let encodings = 0;
  let hasBody = false;
  let named: ReadonlySet<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    switch (kindOf(name)) {
      case 'pass':
      case 'strict-transport-security':
        headers.push(name, value);
        break;
      case 'host':
        if (host !== undefined) return undefined;
        host = value;
        break;
      case 'content-length':
        lengths += 1;
        if (!/^\d{1,16}$/.test(value)) return undefined;
        hasBody = hasBody || value !== '0';
        headers.push(name, value);
        break;
      case 'transfer-encoding':
        encodings += 1;
        if (value.toLowerCase() !== 'chunked' || httpVersionMinor === 0) return undefined;
        hasBody = true;
        break;
      case 'connection':
        named = joined(named, namedIn(value));
        break;
      case 'drop':
        break;
    }
  }
  if (lengths + encodings > 1) return undefined;
  if (named !== undefined) headers = withoutNamed(headers, named);
  return { headers, host, hasBody };
}

const quoted = (text: string): string => (/^[\w.-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '')}"`);

/** Says who came, by which scheme and under which name (RFC 7239 and the older fields that applications read). */
export function addForwarded(headers: string[], host: string, visitor: Visitor): string[] {
  const { address } = visitor;
  const scheme = visitor.isSecure ? 'https' : 'http';
  const node = address.includes(':') ? `"[${address}]"` : address;
  headers.push(
    'host',
    host,
    'x-forwarded-for',
    address,
    'x-forwarded-proto',
    scheme,
    'x-forwarded-host',
    host,
    'x-real-ip',
    address,
    'forwarded',
    `for=${node};host=${quoted(host)};proto=${scheme}`,
  );
  return headers;
}

export type ResponseHeaders = { readonly headers: string[]; readonly contentLength: number | undefined };

/**
 * Sorts the raw fields of an answer. `Strict-Transport-Security` of the application passes only under a publicly trusted certificate: under
 * another one it would lock people out of their own address for months (RFC 6797 §8.4).
 */
export function sortResponse(raw: readonly Buffer[], isHstsAllowed: boolean): ResponseHeaders {
  let headers: string[] = [];
  let contentLength: number | undefined;
  let named: ReadonlySet<string> | undefined;
  let hasHsts = false;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toString('latin1') ?? '';
    const value = raw[at + 1]?.toString('latin1') ?? '';
    switch (kindOf(name)) {
      case 'pass':
      case 'host':
        headers.push(name, value);
        break;
      case 'content-length':
        contentLength = Number(value);
        headers.push(name, value);
        break;
      case 'strict-transport-security':
        if (isHstsAllowed && !hasHsts) headers.push(name, value);
        hasHsts = true;
        break;
      case 'connection':
        named = joined(named, namedIn(value));
        break;
      case 'transfer-encoding':
      case 'drop':
        break;
    }
  }
  if (named !== undefined) headers = withoutNamed(headers, named);
  if (isHstsAllowed && !hasHsts) headers.push('strict-transport-security', 'max-age=31536000');
  return { headers, contentLength };
}

/** An IPv4 visitor of a dual-stack socket has an IPv4 address. */
export function plainAddress(address: string | undefined): string {
  return address === undefined ? '' : address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** The host name in a Host field or `:authority`: lower case, without port and final dot. Empty when it is none. */
export function hostNameOf(authority: string): string {
  const colon = authority.lastIndexOf(':');
  const withoutPort = colon > 0 && /^\d{0,5}$/.test(authority.slice(colon + 1)) ? authority.slice(0, colon) : authority;
  const lower = withoutPort.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
