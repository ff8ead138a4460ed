import { FarmError } from '#contract/errors.ts';
import { isInZone, isOwnerName } from './dns-name.ts';
import { canonicalValue, describeRecords, isSameSet, isStanding, type RecordSet, type WrittenType } from './dns-records.ts';

/**
 * Every write to DNS goes through a plan, which can be shown before it is done: what stands there now, what will stand there.
 * A driver carries it out only while `before` still is what stands there.
 */
export type DnsPlan = {
  readonly zone: string;
  readonly name: string;
  readonly type: WrittenType;
  readonly action: 'create' | 'replace' | 'delete';
  readonly before: RecordSet | undefined;
  readonly after: RecordSet | undefined;
};

type Target = { readonly zone: string; readonly name: string; readonly type: WrittenType; readonly values: readonly string[] };
export type DnsChange =
  /** The name shall answer with exactly these values. `owned`: values that we put there before, and may replace. */
  | ({ readonly action: 'put'; readonly ttlSeconds: number; readonly owned: readonly string[] } & Target)
  /** These values shall be among the answers; the others stay (two certificates may be proved at one name at the same time). */
  | ({ readonly action: 'add'; readonly ttlSeconds: number } & Target)
  /** These values shall be gone. `others`: what to do when the name also has values that were not asked for. */
  | ({ readonly action: 'remove'; readonly others: 'refuse' | 'keep' } & Target);

export type DnsRefusal =
  | { readonly code: 'name-invalid'; readonly name: string }
  | { readonly code: 'outside-zone'; readonly name: string; readonly zone: string }
  | { readonly code: 'value-invalid'; readonly name: string; readonly value: string }
  | { readonly code: 'foreign-values'; readonly name: string; readonly found: string }
  | { readonly code: 'other-type'; readonly name: string; readonly found: string }
  | { readonly code: 'cname-at-apex'; readonly name: string }
  | { readonly code: 'cname-single'; readonly name: string };

export type DnsPlanning =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'plan'; readonly plan: DnsPlan }
  | { readonly kind: 'refusal'; readonly refusal: DnsRefusal };

/** `current`: every record set at the change's name, of all types. Other names in it are ignored. */
export function planChange(current: readonly RecordSet[], change: DnsChange): DnsPlanning {
  const values = wantedValues(change);
  if ('refusal' in values) return { kind: 'refusal', refusal: values.refusal };
  const here = current.filter((set) => set.name === change.name && isStanding(set));
  const before = here.find((set) => set.type === change.type);
  const after = stateAfter(before, change, values.wanted);
  if ('refusal' in after) return { kind: 'refusal', refusal: after.refusal };
  if (isSameSet(before, after.set)) return { kind: 'nothing' };
  const refusal = after.set === undefined ? undefined : neighbourRefusal(here, change, after.set);
  if (refusal !== undefined) return { kind: 'refusal', refusal };
  const action = after.set === undefined ? 'delete' : before === undefined ? 'create' : 'replace';
  return { kind: 'plan', plan: { zone: change.zone, name: change.name, type: change.type, action, before, after: after.set } };
}

/** The refusal as the coded error that services throw: what stands in the way is named; what was asked wrongly is a reason. */
export function dnsRefusalError(
  refusal: DnsRefusal,
  place: { readonly domain: string; readonly server: string },
): FarmError<'DNS_UNSAFE' | 'DNS_REFUSED'> {
  if ('found' in refusal) return new FarmError('DNS_UNSAFE', { name: refusal.name, found: refusal.found });
  return new FarmError('DNS_REFUSED', {
    ...place,
    name: refusal.name,
    reason: 'value' in refusal ? `${refusal.code} ${refusal.value}` : refusal.code,
  });
}

function wantedValues(change: DnsChange): { readonly wanted: readonly string[] } | { readonly refusal: DnsRefusal } {
  const { name, zone } = change;
  if (!isOwnerName(name)) return { refusal: { code: 'name-invalid', name } };
  if (!isInZone(name, zone)) return { refusal: { code: 'outside-zone', name, zone } };
  const wanted: string[] = [];
  for (const value of change.values) {
    const canonical = canonicalValue(change.type, value);
    if (canonical === undefined) return { refusal: { code: 'value-invalid', name, value } };
    if (!wanted.includes(canonical)) wanted.push(canonical);
  }
  if (wanted.length === 0) return { refusal: { code: 'value-invalid', name, value: '' } };
  return { wanted };
}

type After = { readonly set: RecordSet | undefined } | { readonly refusal: DnsRefusal };

function stateAfter(before: RecordSet | undefined, change: DnsChange, wanted: readonly string[]): After {
  const { name, type } = change;
  const standing = before?.values ?? [];
  // what is turned off is not ours to turn on or to take away, but a value of ours that somebody turned off
  const kept = (ours: readonly string[]): readonly string[] => (before?.disabled ?? []).filter((value) => !ours.includes(value));
  const set = (values: readonly string[], ttlSeconds: number, disabled: readonly string[]): RecordSet => ({
    ...{ name, type, ttlSeconds, values },
    ...(disabled.length === 0 ? {} : { disabled }),
  });
  const foreign = (values: readonly string[], disabled: readonly string[] = []): After => ({
    refusal: { code: 'foreign-values', name, found: describeRecords([set(values, 0, disabled)]) },
  });
  switch (change.action) {
    case 'put': {
      const owned = change.owned.map((value) => canonicalValue(change.type, value) ?? value);
      const others = standing.filter((value) => !wanted.includes(value) && !owned.includes(value));
      const disabled = kept([...wanted, ...owned]);
      // a name that somebody only turned off is taken; beside a record of ours it stays as it is
      const isTaken = others.length > 0 || (disabled.length > 0 && owned.length === 0);
      return isTaken ? foreign(others, disabled) : { set: set(wanted, change.ttlSeconds, disabled) };
    }
    case 'add':
      // a record set has one TTL; the others' is not ours to change
      return {
        set: set(
          [...standing, ...wanted.filter((value) => !standing.includes(value))],
          before?.ttlSeconds ?? change.ttlSeconds,
          kept(wanted),
        ),
      };
    case 'remove': {
      const rest = standing.filter((value) => !wanted.includes(value));
      const disabled = kept(wanted);
      if (rest.length === standing.length && disabled.length === (before?.disabled ?? []).length) return { set: before };
      if (rest.length > 0 && change.others === 'refuse') return foreign(rest);
      const isEmpty = rest.length === 0 && disabled.length === 0;
      return { set: isEmpty || before === undefined ? undefined : set(rest, before.ttlSeconds, disabled) };
    }
  }
}

/** Answered in the place of addresses, so that addresses beside them would be answered too, or instead. */
const standIns = ['CNAME', 'ALIAS', 'ANAME', 'LUA'];

/** A CNAME stands alone at its name and never at the zone's own (RFC 1034 §3.6.2, RFC 2181 §10.1). */
function neighbourRefusal(here: readonly RecordSet[], change: DnsChange, after: RecordSet): DnsRefusal | undefined {
  const { name } = change;
  // signatures stand beside everything in a signed zone
  const neighbours = here.filter((set) => set.type !== change.type && !['RRSIG', 'NSEC'].includes(set.type));
  if (change.type !== 'CNAME') {
    const alias = neighbours.filter((set) => (change.type === 'TXT' ? set.type === 'CNAME' : standIns.includes(set.type)));
    return alias.length > 0 ? { code: 'other-type', name, found: describeRecords(alias) } : undefined;
  }
  if (name === change.zone) return { code: 'cname-at-apex', name };
  if (neighbours.length > 0) return { code: 'other-type', name, found: describeRecords(neighbours) };
  return after.values.length > 1 ? { code: 'cname-single', name } : undefined;
}
