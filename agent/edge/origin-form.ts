const portOfScheme: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * The target in origin form (RFC 9112 §3.2). `GET http://host/path` must be understood; its authority is the host, and another Host field beside it
 * is ambiguous. `*` is for OPTIONS alone, and so is what an absolute target without a path stands for there (§3.2.4).
 */
export function originForm(method: string, url: string, host: string): string | undefined {
  if (url.startsWith('/')) return url;
  if (url === '*') return method === 'OPTIONS' ? url : undefined;
  const match = /^(https?):\/\/([^/?#@]+)(\/[^#]*)?(\?[^#]*)?$/i.exec(url);
  if (match === null) return undefined;
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  const withoutPort = authority.toLowerCase().replace(`:${portOfScheme[scheme.toLowerCase()]}`, '');
  const lower = host.toLowerCase();
  if (authority.toLowerCase() !== lower && withoutPort !== lower) return undefined;
  if (path === '' && query === '' && method === 'OPTIONS') return '*';
  return `${path === '' ? '/' : path}${query}`;
}
