import type { DecodedPacket } from 'dns-packet';
import { normalizeDnsName } from '../../../model/domains/dns-name.ts';
import { canonicalIpv4, canonicalIpv6 } from '#contract/ip-address.ts';
import type { NameEvidence, NameServerAddress } from '../../../ports/probe.ts';
import { askServer } from './dns-query.ts';
import { codeOf } from './settle.ts';

const maxAliases = 8;
/** RFC 6895 §2.3; 6 to 8 and 10 are answers to updates, which we never send. */
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'];

/** What one server says to a name, both kinds of address together. `late` ends it as slow; `caller` ends it with its reason. */
export async function resolveAt(
  server: NameServerAddress,
  name: string,
  late: AbortSignal,
  caller: AbortSignal | undefined,
): Promise<NameEvidence> {
  const started = performance.now();
  const evidence = (addresses: readonly string[], outcome: string): NameEvidence => ({
    server: server.address.includes(':') ? `[${server.address}]:${server.port}` : `${server.address}:${server.port}`,
    addresses,
    outcome,
    durationMs: Math.round(performance.now() - started),
  });
  const signal = caller === undefined ? late : AbortSignal.any([late, caller]);
  try {
    const answers = await Promise.all((['A', 'AAAA'] as const).map((type) => follow(server, name, type, signal)));
    const addresses = [...new Set(answers.flatMap((answer) => answer.addresses))].toSorted();
    if (addresses.length > 0) return evidence(addresses, 'NOERROR');
    return evidence([], answers.find((answer) => answer.outcome !== 'NODATA')?.outcome ?? 'NODATA');
  } catch (error) {
    caller?.throwIfAborted();
    return evidence([], late.aborted ? 'slow' : codeOf(error));
  }
}

type Followed = { readonly addresses: readonly string[]; readonly outcome: string };

/** Follows aliases as far as this server goes with them. */
async function follow(server: NameServerAddress, name: string, type: 'A' | 'AAAA', signal: AbortSignal): Promise<Followed> {
  let owner = name;
  for (let hop = 0; hop <= maxAliases; hop += 1) {
    const answer = await askServer({ server, name: owner, type }, signal);
    const rcode = (answer.flags ?? 0) & 15;
    const end = chase(answer, owner, type);
    if (end.addresses.length > 0) return { addresses: end.addresses, outcome: 'NOERROR' };
    if (rcode === 5 && hop > 0) return { addresses: [], outcome: 'alias-outside' };
    if (rcode !== 0) return { addresses: [], outcome: rcodes[rcode] ?? `RCODE ${rcode}` };
    // an answer without authority is some resolver's memory, or a server that does not have the zone
    if (!answer.flag_aa) return { addresses: [], outcome: 'lame' };
    if (end.owner === owner) return { addresses: [], outcome: 'NODATA' };
    owner = end.owner;
  }
  return { addresses: [], outcome: 'alias-loop' };
}

/** The addresses at the end of the aliases in one answer, or the last alias whose target it does not hold. */
function chase(answer: DecodedPacket, name: string, type: 'A' | 'AAAA'): { readonly owner: string; readonly addresses: readonly string[] } {
  let owner = name;
  const records = answer.flag_aa ? (answer.answers ?? []) : [];
  for (let hop = 0; hop <= maxAliases; hop += 1) {
    const here = records.filter((record) => normalizeDnsName(record.name) === owner);
    const addresses = here
      .flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? record : []))
      .filter((record) => record.type === type)
      .map((record) => (type === 'A' ? canonicalIpv4(record.data) : canonicalIpv6(record.data)))
      .filter((address) => address !== undefined);
    if (addresses.length > 0) return { owner, addresses };
    const [alias] = here.flatMap((record) => (record.type === 'CNAME' ? record : []));
    if (alias === undefined) break;
    owner = normalizeDnsName(alias.data);
  }
  return { owner, addresses: [] };
}
