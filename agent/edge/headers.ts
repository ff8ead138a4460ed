import { BadAnswer } from './upstream/answer-parser.ts';

/**
 * What passes and what is replaced on the way through the edge. Hop-by-hop fields belong to one connection (RFC 9110 §7.6.1) and end here;
 * what a client says about who it is (`Forwarded`, `X-Forwarded-*`) is never believed.
 */
type Kind =
  | 'pass'
  | 'drop'
  | 'bad'
  | 'connection'
  | 'host'
  | 'transfer-encoding'
  | 'content-length'
  | 'te'
  | 'trailer'
  | 'set-cookie'
  | 'alt-svc'
  | 'strict-transport-security';

/** Fields of one connection. `expect` is answered here. */
const hopByHop = ['keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'upgrade', 'http2-settings', 'expect'];

/** By these, other proxies tell their applications who the client is and what it asked for. Here only this edge tells it. */
const toldByProxies = [
  ...[
    'forwarded',
    'forwarded-for',
    'forwarded-host',
    'forwarded-proto',
    'x-forwarded',
    'via-proxy',
    'proxy',
    'client-ip',
    'remote-addr',
    'remote-user',
  ],
  ...[
    'x-real-ip',
    'x-client-ip',
    'x-remote-ip',
    'x-remote-addr',
    'x-remote-user',
    'x-cluster-client-ip',
    'x-proxyuser-ip',
    'true-client-ip',
    'true-client',
  ],
  ...[
    'cf-connecting-ip',
    'cf-connecting-ipv6',
    'cf-pseudo-ipv4',
    'cf-visitor',
    'fastly-client-ip',
    'fly-client-ip',
    'do-connecting-ip',
    'x-nf-client-connection-ip',
  ],
  ...[
    'x-original-host',
    'x-original-url',
    'x-original-uri',
    'x-original-method',
    'x-original-forwarded-for',
    'x-original-proto',
    'x-rewrite-url',
    'x-host',
  ],
  ...[
    'x-http-host-override',
    'x-scheme',
    'x-url-scheme',
    'front-end-https',
    'x-arr-ssl',
    'x-arr-clientcert',
    'x-client-cert',
    'x-authenticated-user',
    'x-webauth-user',
  ],
];
const toldByProxiesBeginnings = ['x-forwarded-', 'x-envoy-', 'x-appengine-', 'x-azure-', 'x-ssl-', 'ssl-client-', 'x-auth-request-'];

const special: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...(
    [
      'connection',
      'host',
      'transfer-encoding',
      'content-length',
      'te',
      'trailer',
      'set-cookie',
      'alt-svc',
      'strict-transport-security',
    ] as const
  ).map((name): [string, Kind] => [name, name]),
  ...[...hopByHop, ...toldByProxies].map((name): [string, Kind] => [name, 'drop']),
]);

/** Names as they were written, so that the common ones need no lower-casing. Bounded: names come from outside. */
const known = new Map<string, Kind>();
const maximumKnown = 2000;

export function kindOf(name: string): Kind {
  const found = known.get(name);
  if (found !== undefined) return found;
  const kind = sortName(name);
  if (known.size < maximumKnown) known.set(name, kind);
  return kind;
}

function sortName(name: string): Kind {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'bad';
  const lower = name.toLowerCase();
  const exact = special.get(lower);
  if (exact !== undefined) return exact;
  // Applications read fields as variables: HTTP_X_FORWARDED_FOR is what `X_Forwarded_For` and `X.Forwarded.For` become, too.
  const asVariable = lower.replace(/[^a-z0-9]/g, '-');
  const isOwned = special.has(asVariable) || toldByProxiesBeginnings.some((beginning) => asVariable.startsWith(beginning));
  return isOwned ? 'drop' : 'pass';
}

/** The names that a Connection field takes with it, lower case. The usual values name none. */
function namedIn(connection: string): ReadonlySet<string> | undefined {
  if (connection === 'keep-alive' || connection === 'Keep-Alive' || connection === 'close') return undefined;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    // A client must not be able to take away what routing and framing stand on.
    .filter((name) => !['', 'close', 'keep-alive', 'host', 'content-length', 'te'].includes(name));
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
  /** Name, value, name, value …; without Host, which is added by `addForwarded`, and without what frames a body. */
  readonly headers: string[];
  readonly host: string | undefined;
  readonly hasBody: boolean;
  /** As it was written; undefined where none was. */
  readonly length: string | undefined;
  readonly takesTrailers: boolean;
};

/**
 * Sorts the raw fields of an HTTP/1.1 request. Undefined when its length or its host is ambiguous: then it is refused and the connection
 * closed, because the next proxy or the application might see another request in the same bytes (RFC 9112 §11.2).
 */
export function sortRequest(raw: readonly string[], httpVersionMinor: number): RequestHeaders | undefined {
  let headers: string[] = [];
  let host: string | undefined;
  let length: string | undefined;
  let encodings = 0;
  let hasBody = false;
  let takesTrailers = false;
  let named: ReadonlySet<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    switch (kindOf(name)) {
      case 'pass':
      case 'set-cookie':
      case 'alt-svc':
      case 'strict-transport-security':
        headers.push(name, value);
        break;
      case 'bad':
        return undefined;
      case 'host':
        if (host !== undefined) return undefined;
        host = value;
        break;
      case 'content-length':
        if (length !== undefined || !/^\d{1,15}$/.test(value)) return undefined;
        hasBody = hasBody || Number(value) !== 0;
        length = value;
        break;
      case 'te':
        takesTrailers = takesTrailers || /\btrailers\b/i.test(value);
        break;
      case 'transfer-encoding':
        encodings += 1;
        if (value.toLowerCase() !== 'chunked' || httpVersionMinor === 0) return undefined;
        hasBody = true;
        break;
      case 'connection':
        named = joined(named, namedIn(value));
        break;
      case 'trailer':
      case 'drop':
        break;
    }
  }
  if (encodings > 1 || (encodings === 1 && length !== undefined)) return undefined;
  if (named !== undefined) headers = withoutNamed(headers, named);
  // Trailers pass, so we may say so in our own name (RFC 9110 §10.1.4).
  if (takesTrailers) headers.push('te', 'trailers');
  return { headers, host, hasBody, length, takesTrailers };
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

/** The same as lines, for a head that is written at once. */
export function forwardedLines(host: string, { address, isSecure }: Visitor): string {
  const scheme = isSecure ? 'https' : 'http';
  const node = address.includes(':') ? `"[${address}]"` : address;
  return `host: ${host}\r\nx-forwarded-for: ${address}\r\nx-forwarded-proto: ${scheme}\r\nx-forwarded-host: ${host}\r\nx-real-ip: ${address}\r\nforwarded: for=${node};host=${quoted(host)};proto=${scheme}\r\n`;
}

/** Fields as lines, each with its end. */
export function fieldLines(fields: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < fields.length; at += 2) lines += `${fields[at]}: ${fields[at + 1]}\r\n`;
  return lines;
}

/** The head of a request to the upstream. */
export function headOf(
  method: string,
  path: string,
  headers: readonly string[],
  framing: { readonly length?: string | undefined; readonly isChunked?: boolean; readonly connection?: string },
): string {
  let head = `${method} ${path} HTTP/1.1\r\n${fieldLines(headers)}`;
  if (framing.isChunked === true) head += 'transfer-encoding: chunked\r\n';
  else if (framing.length !== undefined) head += `content-length: ${framing.length}\r\n`;
  return `${head}connection: ${framing.connection ?? 'keep-alive'}\r\n\r\n`;
}

/**
 * An application sets cookies for its own host and no other: with `Domain` it could set them for all customers of the farm domain, and beneath its
 * own host others may live (RFC 6265 §4.1.2.3). So the attribute goes, and the cookie is for this host only.
 */
export function narrowCookie(cookie: string): string {
  if (!/domain/i.test(cookie)) return cookie;
  const [pair = '', ...attributes] = cookie.split(';');
  return [pair, ...attributes.filter((attribute) => !/^[ \t]*domain[ \t]*(?:=|$)/i.test(attribute))].join(';');
}

export type ResponseHeaders = {
  readonly headers: string[];
  /** Undefined where it is not known beforehand; not among the fields. */
  contentLength: number | undefined;
  /** The application names its trailers; said on only where they can follow. */
  readonly trailerNames: string | undefined;
  hasTrailers: boolean;
};

/**
 * Sorts the raw fields of an answer. `Strict-Transport-Security` of the application passes only under a publicly trusted certificate: under
 * another one it would lock people out of their own address for months (RFC 6797 §8.4). Throws what is no field as `BadAnswer`.
 */
export function sortResponse(raw: readonly string[], isHstsAllowed: boolean): ResponseHeaders {
  let headers: string[] = [];
  let contentLength: number | undefined;
  let trailerNames: string | undefined;
  let named: ReadonlySet<string> | undefined;
  let hasHsts = false;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    switch (kindOf(name)) {
      case 'pass':
      case 'host':
        headers.push(name, value);
        break;
      case 'bad':
        throw new BadAnswer('field-name');
      case 'set-cookie':
        headers.push(name, narrowCookie(value));
        break;
      case 'content-length':
        contentLength = Number(value);
        break;
      case 'strict-transport-security':
        if (isHstsAllowed && !hasHsts) headers.push(name, value);
        hasHsts = true;
        break;
      case 'connection':
        named = joined(named, namedIn(value));
        break;
      case 'trailer':
        trailerNames = trailerNames === undefined ? value : `${trailerNames}, ${value}`;
        break;
      case 'alt-svc':
      case 'te':
      case 'transfer-encoding':
      case 'drop':
        break;
    }
  }
  if (named !== undefined) headers = withoutNamed(headers, named);
  if (isHstsAllowed && !hasHsts) headers.push('strict-transport-security', 'max-age=31536000');
  return { headers, contentLength, trailerNames, hasTrailers: false };
}

/** What may come behind a body: nothing that frames, routes, or speaks for somebody (RFC 9110 §6.5.1). */
export function sortTrailers(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (kindOf(name) === 'pass' && !notAsTrailer.has(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '');
  }
  return kept;
}

const notAsTrailer: ReadonlySet<string> = new Set([
  ...[
    'authorization',
    'cookie',
    'content-encoding',
    'content-range',
    'content-type',
    'cache-control',
    'location',
    'www-authenticate',
    'age',
    'vary',
  ],
]);

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
