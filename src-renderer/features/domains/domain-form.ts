import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
export type DomainDraft = {
  readonly name: string;
  readonly kind: 'powerdns' | 'builtin';
  readonly url: string;
  readonly nameServers: string;
};
export const emptyDomainDraft: DomainDraft = { name: '', kind: 'powerdns', url: '', nameServers: '' };

/** What was kept of the form. The key of a name server is a secret and never kept. */
export function checkDomainDraft(kept: unknown): DomainDraft {
  const found = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  const text = (name: string): string => (typeof found[name] === 'string' ? (found[name] as string) : '');
  return {
    name: text('name'),
    kind: found['kind'] === 'builtin' ? 'builtin' : 'powerdns',
    url: text('url'),
    nameServers: text('nameServers'),
  };
}

/** Two labels at least; letters of any script, because the core turns them into what name servers read. */
export function isDomainName(text: string): boolean {
  const labels = text.trim().replace(/\.$/, '').split('.');
  return labels.length >= 2 && labels.every((label) => /^(?!-)[\p{L}\p{N}-]{1,63}(?<!-)$/u.test(label)) && text.length <= 253;
}

export function isWebAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text.trim()).protocol);
  } catch {
    return false;
  }
}

export type NameServer = { readonly address: string; readonly port: number };

function nameServerOf(text: string): NameServer | undefined {
  if (canonicalIpv6(text) !== undefined) return { address: text, port: 53 };
  const [, bracketed, plain = '', portText = '53'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const canonical = bracketed === undefined ? canonicalIpv4(address) : canonicalIpv6(address);
  const port = Number(portText);
  return canonical !== undefined && port > 0 && port < 65_536 ? { address, port } : undefined;
}

/** Name servers of a text, one in a line; `bad` is the first that is none. */
export function nameServersFrom(text: string): { readonly nameServers: readonly NameServer[]; readonly bad: string | undefined } {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const parsed = words.map((word) => ({ word, server: nameServerOf(word) }));
  return {
    nameServers: parsed.flatMap(({ server }) => (server === undefined ? [] : [server])),
    bad: parsed.find(({ server }) => server === undefined)?.word,
  };
}
