import { suffixesOf } from '../../../model/domains/dns-name.ts';
import type { RecordSet } from '../../../model/domains/dns-records.ts';
import type { ZoneIndex } from './zone-index.ts';

export type Rcode = 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
/** Record sets for the sections of an answer; `name` of each is what the answer shows, with the asker's letters. */
export type ZoneAnswer = {
  readonly rcode: Rcode;
  readonly isAuthoritative: boolean;
  readonly answers: readonly RecordSet[];
  readonly authorities: readonly RecordSet[];
};

const maxAliases = 8;
const refused: ZoneAnswer = { rcode: 'REFUSED', isAuthoritative: false, answers: [], authorities: [] };

type Found =
  | { readonly kind: 'sets'; readonly sets: ReadonlyMap<string, RecordSet> }
  | { readonly kind: 'empty' }
  | { readonly kind: 'missing' };

/** What the zones say to a question: the algorithm of RFC 1034 §4.3.2 with the wildcards of RFC 4592, without delegations. */
export function answerQuestion(zones: ReadonlyMap<string, ZoneIndex>, askedName: string, askedType: string): ZoneAnswer {
  const index = zoneOf(zones, askedName.toLowerCase());
  if (index === undefined) return refused;
  const answers: RecordSet[] = [];
  const seen = new Set<string>();
  let shownName = askedName;
  for (let hop = 0; hop <= maxAliases; hop += 1) {
    const name = shownName.toLowerCase();
    seen.add(name);
    const found = find(index, name);
    if (found.kind === 'missing') return finish('NXDOMAIN', answers, [negativeSoa(index)]);
    const sets = found.kind === 'sets' ? found.sets : new Map<string, RecordSet>();
    // RFC 8482 §4.1: one of the sets is an answer to ANY; all of them are what a flood under a made-up address wants.
    const matching = askedType === 'ANY' ? [...sets.values()].slice(0, 1) : [sets.get(askedType)].filter((set) => set !== undefined);
    if (matching.length > 0) {
      answers.push(...matching.map((set) => ({ ...set, name: shownName })));
      return finish('NOERROR', answers, []);
    }
    const alias = sets.get('CNAME');
    if (alias === undefined) return finish('NOERROR', answers, [negativeSoa(index)]);
    answers.push({ ...alias, name: shownName });
    const target = alias.values[0] ?? '';
    // what another zone or server says is for the asker to find out; a loop ends where it closes
    if (zoneOf(zones, target) !== index || seen.has(target)) return finish('NOERROR', answers, []);
    shownName = target;
  }
  return finish('NOERROR', answers, []);
}

function finish(rcode: Rcode, answers: readonly RecordSet[], authorities: readonly RecordSet[]): ZoneAnswer {
  return { rcode, isAuthoritative: true, answers, authorities };
}

function zoneOf(zones: ReadonlyMap<string, ZoneIndex>, name: string): ZoneIndex | undefined {
  return suffixesOf(name)
    .map((suffix) => zones.get(suffix))
    .find((index) => index !== undefined);
}

function find(index: ZoneIndex, name: string): Found {
  if (index.names.has(name)) return at(index, name);
  const encloser = suffixesOf(name).find((suffix) => index.names.has(suffix)) ?? index.zone.name;
  const wildcard = `*.${encloser}`;
  return index.names.has(wildcard) ? at(index, wildcard) : { kind: 'missing' };
}

function at(index: ZoneIndex, name: string): Found {
  const sets = index.sets.get(name);
  return sets === undefined ? { kind: 'empty' } : { kind: 'sets', sets };
}

/** RFC 2308 §3: the SOA of a negative answer carries the shorter of its own TTL and its last field. */
function negativeSoa(index: ZoneIndex): RecordSet {
  const minimum = Number(index.soa.values[0]?.split(' ').at(-1));
  return { ...index.soa, ttlSeconds: Math.min(index.soa.ttlSeconds, minimum) };
}
