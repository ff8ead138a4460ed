import { jobTypes, runActs } from '#contract/catalogue/jobs.ts';
import { addressesAt, type Place } from '../light/places.ts';
import type { Act } from './acts.ts';
import type { Move, Timed } from './moves.ts';
import { create, scenarios } from './scenarios.ts';

/** What happens beside the two acts. */
export const besides = ['nothing', 'reconcile', 'dying link', 'death'] as const;
type Beside = (typeof besides)[number];
export type Pair = {
  readonly name: string;
  readonly first: Act;
  readonly second: Act;
  readonly beside: Beside;
  /** How far the first has come when the second begins, in steps. */
  readonly after: number;
  readonly moves: readonly Timed[];
};

const rest: Timed = { move: { do: 'rest' }, steps: 0, who: 'window' };
const timed = (move: Move, steps: number, who = 'window'): Timed => ({ move, steps, who });

const onAnna: readonly Act[] = (['remove', ...runActs] as const).map((act) => ({ do: act, name: 'anna' }));
const onShop: readonly Act[] = [
  { do: 'remove-domain', domain: 'shop.test' },
  { do: 'keep-wildcard', domain: 'shop.test', server: 'Oak' },
  { do: 'drop-wildcard', domain: 'shop.test' },
  { do: 'renew-certificate', domain: 'shop.test' },
  { do: 'add-domain', domain: 'shop.test' },
];
const onPanel: readonly Act[] = [
  { do: 'change-domain', domain: 'panel.test' },
  { do: 'remove-domain', domain: 'panel.test' },
  { do: 'renew-certificate', domain: 'panel.test' },
];
const onPine: readonly Act[] = [
  { do: 'remove-server', server: 'Pine' },
  { do: 'address-server', server: 'Pine', publicAddresses: addressesAt('Pine', 'second') },
];
const onLarch: readonly Act[] = [{ do: 'join-server', server: 'Larch' }];
const keepOnOak: Act = { do: 'keep-wildcard', domain: 'farm.test', server: 'Oak' };
const createOnPine = create('berta', 'Pine');

type Scene = { readonly prepare: readonly Act[]; readonly pairs: readonly (readonly [Act, Act])[] };
const squared = (acts: readonly Act[]): (readonly [Act, Act])[] => acts.flatMap((one) => acts.map((other) => [one, other] as const));
const bothWays = (one: Act, others: readonly Act[]): (readonly [Act, Act])[] =>
  others.flatMap((other) => [
    [one, other],
    [other, one],
  ]);

const chosen: readonly Scene[] = [
  // the last two of one package on a server
  {
    prepare: [create('anna'), create('berta')],
    pairs: [
      [
        { do: 'remove', name: 'anna' },
        { do: 'remove', name: 'berta' },
      ],
    ],
  },
  // every pair on one object
  { prepare: [create('anna')], pairs: squared(onAnna) },
  {
    prepare: [
      { do: 'add-domain', domain: 'shop.test' },
      { do: 'keep-wildcard', domain: 'shop.test', server: 'Oak' },
    ],
    pairs: squared(onShop),
  },
  { prepare: [{ do: 'add-domain', domain: 'panel.test' }], pairs: squared(onPanel) },
  { prepare: [], pairs: [...squared(onPine), ...squared(onLarch), [create('anna'), create('anna')]] },
  // two of one package on one server, and what takes the ground from under another
  { prepare: [], pairs: [[create('anna'), create('berta')], ...bothWays(createOnPine, onPine)] },
  {
    prepare: [create('anna')],
    pairs: [
      ...bothWays({ do: 'remove', name: 'anna' }, [
        create('berta'),
        keepOnOak,
        { do: 'address-server', server: 'Oak', publicAddresses: addressesAt('Oak', 'second') },
      ]),
      ...bothWays({ do: 'suspend', name: 'anna' }, [keepOnOak, { do: 'renew-certificate', domain: 'farm.test' }]),
      ...bothWays({ do: 'address-server', server: 'Oak', publicAddresses: addressesAt('Oak') }, [
        create('berta'),
        keepOnOak,
        { do: 'restart', name: 'anna' },
      ]),
    ],
  },
  {
    prepare: [keepOnOak],
    pairs: bothWays({ do: 'drop-wildcard', domain: 'farm.test' }, [create('anna'), { do: 'remove-server', server: 'Pine' }]),
  },
  { prepare: [], pairs: bothWays({ do: 'add-domain', domain: 'shop.test' }, [...onPine, ...onLarch, create('anna')]) },
  { prepare: [], pairs: bothWays({ do: 'remove-domain', domain: 'farm.test' }, [create('anna'), keepOnOak, ...onLarch]) },
];

/** Types that stand in no pair above: each beside itself, as its scenario has it. */
const inPairs = new Set(chosen.flatMap(({ pairs }) => pairs.flat().map((act) => act.do)));
const scenes: readonly Scene[] = [
  ...chosen,
  ...jobTypes
    .filter((type) => !inPairs.has(type))
    .map((type): Scene => ({ prepare: scenarios[type].before, pairs: squared([scenarios[type].act]) })),
];

/** The servers that the acts of a pair are about. */
const serversOf = (...acts: readonly Act[]): Place[] => [
  ...new Set(acts.map((act) => ('server' in act && act.server !== undefined ? act.server : 'Oak'))),
];

function beside(what: Beside, acts: readonly [Act, Act]): readonly Timed[] {
  const servers = serversOf(...acts);
  switch (what) {
    case 'nothing':
      return [];
    // a link that comes back is what reconcile begins with
    case 'reconcile':
      return servers.flatMap((server) => [timed({ do: 'cut', server }, 1), timed({ do: 'mend', server }, 6)]);
    case 'dying link':
      return servers.map((server) => timed({ do: 'cut', server }, 12));
    case 'death':
      return [timed({ do: 'die', after: 2, isDurable: true }, 10)];
  }
}

const nameOf = (act: Act): string =>
  Object.values(act)
    .filter((value) => typeof value === 'string' || Array.isArray(value))
    .join(' ');

/** Every pair, with each thing beside, the second beginning early, in the middle and late. */
export function allPairs(afters: readonly number[]): readonly Pair[] {
  return scenes.flatMap(({ prepare, pairs }) =>
    pairs.flatMap((pair) =>
      besides.flatMap((what) =>
        afters.map((after): Pair => {
          const [first, second] = pair;
          const before = prepare.flatMap((act) => [timed(act, 0), rest]);
          return {
            name: `${nameOf(first)} / ${nameOf(second)} / ${what} / ${after}`,
            first,
            second,
            beside: what,
            after,
            moves: [...before, timed(first, after), ...beside(what, pair), timed(second, 20, 'panel')],
          };
        }),
      ),
    ),
  );
}
