import { type DnsKind, fieldsOf, kindsOf } from '#contract/catalogue/providers.ts';

export type DomainDraft = {
  readonly name: string;
  readonly kind: DnsKind;
  /** What was typed into open fields, by `<kind>.<field>`. */
  readonly fields: Readonly<Record<string, string>>;
};
const kinds = kindsOf('dns');
export const emptyDomainDraft: DomainDraft = { name: '', kind: kinds[0] ?? 'powerdns', fields: {} };

/** Secrets are never kept, whoever wrote them there. */
const openFields = kinds.flatMap((kind) => fieldsOf(kind).flatMap(({ name, isSecret }) => (isSecret ? [] : [`${kind}.${name}`])));
const isText = (value: unknown): value is string => typeof value === 'string';
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** What was kept of the form, also by a release that knew PowerDNS only. */
export function checkDomainDraft(kept: unknown): DomainDraft {
  const found = recordOf(kept);
  const typed: Readonly<Record<string, unknown>> = {
    'powerdns.url': found['url'],
    'powerdns.nameServers': found['nameServers'],
    ...recordOf(found['fields']),
  };
  return {
    name: isText(found['name']) ? found['name'] : '',
    kind: kinds.find((kind) => kind === found['kind']) ?? emptyDomainDraft.kind,
    fields: Object.fromEntries(
      Object.entries(typed).filter((pair): pair is [string, string] => openFields.includes(pair[0]) && isText(pair[1])),
    ),
  };
}

/** Two labels at least; letters of any script, because the core turns them into what name servers read. */
export function isDomainName(text: string): boolean {
  const labels = text.trim().replace(/\.$/, '').split('.');
  return labels.length >= 2 && labels.every((label) => /^(?!-)[\p{L}\p{N}-]{1,63}(?<!-)$/u.test(label)) && text.length <= 253;
}
