import { normalizeDnsName } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import { canonicalIpv6 } from '#contract/ip-address.ts';
import { quoteTxt, unquoteTxt } from '../../../model/domains/txt-text.ts';
import type { ApiRecordSet } from './schema.ts';

/** PowerDNS wants absolute names with a final dot and TXT in quotes (see the table in its API's documentation). */
export function toApiContent(type: string, value: string): string {
  if (type === 'CNAME' || type === 'NS') return `${value}.`;
  return type === 'TXT' ? quoteTxt(value) : value;
}

export function fromApi(set: ApiRecordSet): RecordSet {
  const contents = (isDisabled: boolean): string[] =>
    set.records.filter(({ disabled }) => disabled === isDisabled).map(({ content }) => fromApiContent(set.type, content));
  const disabled = contents(true);
  return {
    name: normalizeDnsName(set.name),
    type: set.type,
    ttlSeconds: set.ttl,
    values: contents(false),
    ...(disabled.length === 0 ? {} : { disabled }),
  };
}

function fromApiContent(type: string, content: string): string {
  if (type === 'CNAME' || type === 'NS') return normalizeDnsName(content);
  if (type === 'TXT') return unquoteTxt(content) ?? content;
  if (type === 'AAAA') return canonicalIpv6(content) ?? content;
  return content;
}
