import type { Mark } from '#contract/api/base.ts';
import type { DomainInspection } from '#contract/api/domains.ts';
import type { Translate } from './translate.ts';

/** One finding in the zone of a domain: a heading with its mark, and sentences below it. */
export type ZoneFinding = { readonly id: string; readonly mark: Mark; readonly title: string; readonly says: readonly string[] };

type Saying = {
  readonly words: Translate;
  readonly domain: string;
  readonly inspection: DomainInspection;
  /** Makes a stranger's text safe for where it is shown: a window, a terminal. */
  readonly safe: (text: string) => string;
};

/** More than these fill a page and say no more. */
const shown = 5;

function shortened<T>({ words }: Saying, list: readonly T[], count: number, say: (one: T) => string): string[] {
  const said = list.slice(0, shown).map(say);
  return count > said.length ? [...said, words('domains.zone.more', { count: count - said.length })] : said;
}

function differences(saying: Saying): ZoneFinding[] {
  const { words, safe } = saying;
  const { differences: list, differenceCount } = saying.inspection;
  if (differenceCount === 0) return [];
  const says = shortened(saying, list, differenceCount, ({ code, host, found, expected }) =>
    words.say(`domains.difference.${code}`, { host: safe(host), found: safe(found), expected: safe(expected) }),
  );
  const title = words('domains.zone.differences', { count: differenceCount });
  return [{ id: 'differences', mark: 'warning', title, says: [...says, words('domains.difference.cure')] }];
}

function wildcard({ words, safe, inspection }: Saying): ZoneFinding {
  const found = inspection.wildcard;
  if (found === undefined) return { id: 'wildcard', mark: 'good', title: words('domains.zone.wildcard.none'), says: [] };
  const told = (leads: typeof found.leads): string =>
    leads.map(({ value, serverName }) => safe(serverName === undefined ? value : `${value} (${serverName})`)).join(', ');
  const strangers = found.leads.filter(({ serverName }) => serverName === undefined);
  const title = words('domains.zone.wildcard', { wildcard: safe(found.name), leads: told(found.leads) });
  if (strangers.length === 0) return { id: 'wildcard', mark: 'good', title, says: [words('domains.zone.wildcard.says')] };
  return { id: 'wildcard', mark: 'warning', title, says: [words('domains.zone.wildcard.stranger', { leads: told(strangers) })] };
}

function hiding(saying: Saying): ZoneFinding[] {
  const { words, safe } = saying;
  const { hiding: list, hidingCount, wildcard: found } = saying.inspection;
  if (hidingCount === 0 || found === undefined) return [];
  const title = words('domains.zone.hiding', { count: hidingCount, wildcard: safe(found.name) });
  const says = shortened(saying, list, hidingCount, ({ name, found: records, hides }) => {
    if (name === hides) return words('domains.zone.hiding.itself', { name: safe(name), found: safe(records) });
    return words('domains.zone.hiding.below', { name: safe(name), found: safe(records), hides: safe(hides) });
  });
  return [{ id: 'hiding', mark: 'warning', title, says }];
}

function advice({ words, domain, inspection, safe }: Saying): ZoneFinding {
  const { code, parameters } = inspection.advice;
  const isWildcard = code === 'wildcard-would-do' || code === 'wildcard-stands';
  const safely = Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? safe(value) : value]);
  return {
    id: 'advice',
    mark: 'good',
    title: words(code === 'wildcard-kept' ? 'domains.advice.kept' : isWildcard ? 'domains.advice.wildcard' : 'domains.advice.single'),
    says: [words.say(`domains.advice.${code}`, { ...Object.fromEntries(safely), domain })],
  };
}

function reach({ words, inspection }: Saying): ZoneFinding[] {
  const { kind, otherZones } = inspection.reach;
  if (kind === 'own') return [];
  const title = words.say(`domains.reach.${kind}`, { zones: otherZones });
  if (kind !== 'whole-server' || otherZones === 0) return [{ id: 'reach', mark: kind === 'unknown' ? 'unknown' : 'good', title, says: [] }];
  return [{ id: 'reach', mark: 'warning', title, says: [words('domains.reach.cure')] }];
}

function faults({ words, domain, inspection }: Saying): ZoneFinding[] {
  return inspection.faults.map((code) => ({
    id: code,
    mark: 'warning',
    title: words(`domains.fault.${code}`),
    says: [words(`domains.fault.${code}.cure`, { domain })],
  }));
}

/** What a zone has to say, what needs somebody first. */
export function zoneFindings(saying: Saying): readonly ZoneFinding[] {
  const all = [...faults(saying), ...differences(saying), wildcard(saying), ...hiding(saying), ...reach(saying), advice(saying)];
  return [...all.filter(({ mark }) => mark === 'warning'), ...all.filter(({ mark }) => mark !== 'warning')];
}
