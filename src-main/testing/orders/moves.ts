import { byRowTypes, type JobType, jobTypes, runActs } from '#contract/catalogue/jobs.ts';
import { addressesAt, type Place, places } from '../light/places.ts';
import type { Random } from '../light/random.ts';
import { type Act, addedDomains, domains, names } from './acts.ts';
import { scenarios } from './scenarios.ts';

export const failing = [
  'instances.start',
  'instances.stop',
  'instances.restart',
  'instances.create',
  'instances.remove',
  'edge.putRoute',
  'edge.removeRoute',
  'certificates.install',
  'certificates.list',
  'packages.install',
  'packages.remove',
  'link.leave',
] as const;

export type Move =
  | Act
  | { readonly do: 'undo' | 'continue' | 'cancel' | 'pause'; readonly which: number }
  | { readonly do: 'cut' | 'mend'; readonly server: Place }
  | { readonly do: 'fail'; readonly server: Place; readonly command: (typeof failing)[number] }
  | { readonly do: 'fail-dns' }
  | { readonly do: 'kill' }
  | { readonly do: 'die'; readonly after: number; readonly isDurable: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  /** Until every job has ended or stopped. */
  | { readonly do: 'rest' };
/** A move, and how many steps the world goes on after it before the next. */
export type Timed = { readonly move: Move; readonly steps: number; readonly who: string };

const clients = ['window', 'command-line', 'panel'] as const;

/** Types that have a share of their own in the draws. */
const shared: ReadonlySet<JobType> = new Set([
  'create',
  'remove',
  ...runActs,
  'add-domain',
  'remove-domain',
  'keep-wildcard',
  'drop-wildcard',
  'renew-certificate',
  'change-domain',
  'join-server',
  'remove-server',
  'address-server',
]);
/** The others are drawn as their scenario has them, about anybody. */
const others = byRowTypes.filter((type) => !shared.has(type));

function drawOther({ pick }: Random): Act {
  const { act } = scenarios[pick(others)];
  return {
    ...act,
    ...('name' in act ? { name: pick(names) } : {}),
    ...('domain' in act ? { domain: pick(domains) } : {}),
    ...('server' in act ? { server: pick(places) } : {}),
  };
}

function drawAct(random: Random): Act {
  const { pick, chance, below } = random;
  if (others.length > 0 && chance(others.length / jobTypes.length)) return drawOther(random);
  const name = pick(names);
  const kind = below(100);
  if (kind < 26)
    return {
      do: 'create',
      name,
      domain: chance(0.7) ? 'farm.test' : pick(domains),
      server: chance(0.4) ? pick(places) : undefined,
      isNewCustomer: chance(0.3),
    };
  if (kind < 36) return { do: 'remove', name };
  if (kind < 60) return { do: pick(runActs), name };
  if (kind < 67) return { do: 'add-domain', domain: pick(addedDomains) };
  if (kind < 72) return { do: 'remove-domain', domain: pick(domains) };
  if (kind < 78) return { do: 'keep-wildcard', domain: chance(0.8) ? 'farm.test' : pick(domains), server: pick(places) };
  if (kind < 82) return { do: 'drop-wildcard', domain: chance(0.8) ? 'farm.test' : pick(domains) };
  if (kind < 85) return { do: 'renew-certificate', domain: pick(domains) };
  if (kind < 88) return { do: 'change-domain', domain: 'panel.test' };
  if (kind < 92) return { do: 'join-server', server: 'Larch' };
  if (kind < 96) return { do: 'remove-server', server: pick(places) };
  const server = pick(places);
  return { do: 'address-server', server, publicAddresses: addressesAt(server, pick(['first', 'second', 'both'] as const)) };
}

function drawMove(random: Random): Move {
  const kind = random.below(100);
  if (kind < 58) return drawAct(random);
  if (kind < 70) return { do: random.pick(['undo', 'continue', 'undo', 'continue', 'cancel', 'pause'] as const), which: random.below(4) };
  if (kind < 80) return { do: random.pick(['cut', 'mend'] as const), server: random.pick(places) };
  if (kind < 86) return { do: 'fail', server: random.pick(places), command: random.pick(failing) };
  if (kind < 88) return { do: 'fail-dns' };
  if (kind < 90) return { do: 'kill' };
  if (kind < 95) return { do: 'die', after: random.below(12), isDurable: random.chance(0.5) };
  return { do: 'wait', ms: random.pick([100, 3000, 40_000]) };
}

/** What is done to a farm, when, and by whom. A create comes first: most of the rest would be refused without one. */
export function drawOrder(random: Random): readonly Timed[] {
  const count = 5 + random.below(6);
  const moves = Array.from({ length: count }, (_, at): Timed => {
    const move: Move =
      at === 0 ? { do: 'create', name: 'anna', domain: 'farm.test', server: undefined, isNewCustomer: false } : drawMove(random);
    // many begin while the one before is on its way; some after it has ended
    const steps = random.chance(0.4) ? random.below(12) : random.below(160);
    return { move, steps, who: random.pick(clients) };
  });
  return withSequel(random, moves);
}

/** Acts that are refused where another has not been done before, which chance alone brings about once in hundreds of orders. */
const sequels: readonly (readonly [Act, Act])[] = [
  [
    { do: 'add-domain', domain: 'panel.test' },
    { do: 'change-domain', domain: 'panel.test' },
  ],
  [
    { do: 'keep-wildcard', domain: 'farm.test', server: 'Oak' },
    { do: 'drop-wildcard', domain: 'farm.test' },
  ],
];
export const sequelTypes = sequels.map(([, sequel]) => sequel.do);
/** In some orders such an act stands at any place after the one that it needs, which has come to a stop by then or not. */
function withSequel(random: Random, moves: readonly Timed[]): readonly Timed[] {
  if (!random.chance(0.3)) return moves;
  const [before, sequel] = random.pick(sequels);
  const at = 1 + random.below(2);
  const later = at + random.below(moves.length - at);
  const timed = (move: Act, steps: number): Timed => ({ move, steps, who: random.pick(clients) });
  const first = timed(before, random.below(320));
  return [...moves.slice(0, at), first, ...moves.slice(at, later), timed(sequel, random.below(160)), ...moves.slice(later)];
}
