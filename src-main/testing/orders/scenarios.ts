import type { JobType } from '#contract/catalogue/jobs.ts';
import { addressesAt } from '../light/places.ts';
import type { Act } from './acts.ts';

/** What is done before, and then the act of the type: `Oak` and `Pine` are in, `Larch` is not, `farm.test` is there, `panel.test` is another's name server's. */
type Scenario<T extends JobType> = { readonly before: readonly Act[]; readonly act: Extract<Act, { readonly do: T }> };

export const create = (
  name: 'anna' | 'berta' | 'carl',
  server: 'Oak' | 'Pine' | undefined = 'Oak',
): Extract<Act, { readonly do: 'create' }> => ({
  do: 'create',
  name,
  domain: 'farm.test',
  server,
  isNewCustomer: false,
});
const keepOnOak = { do: 'keep-wildcard', domain: 'farm.test', server: 'Oak' } as const;
const addShop = { do: 'add-domain', domain: 'shop.test' } as const;
const addPanel = { do: 'add-domain', domain: 'panel.test' } as const;

/**
 * One scenario a type of job: from it come its rehearsal against the world (`rehearsals.test.ts`), its deaths at every commit (`deaths.test.ts`), its pairs
 * (`pairs.test.ts`) and its part in the random orders (`any-order.test.ts`). A type without one does not compile.
 */
export const scenarios: { readonly [T in JobType]: Scenario<T> } = {
  create: { before: [], act: { ...create('anna'), isNewCustomer: true } },
  remove: { before: [create('anna')], act: { do: 'remove', name: 'anna' } },
  start: { before: [create('anna'), { do: 'stop', name: 'anna' }], act: { do: 'start', name: 'anna' } },
  restart: { before: [create('anna')], act: { do: 'restart', name: 'anna' } },
  resume: { before: [create('anna'), { do: 'suspend', name: 'anna' }], act: { do: 'resume', name: 'anna' } },
  stop: { before: [create('anna')], act: { do: 'stop', name: 'anna' } },
  suspend: { before: [create('anna')], act: { do: 'suspend', name: 'anna' } },
  'add-domain': { before: [], act: addShop },
  'remove-domain': { before: [addShop, { ...keepOnOak, domain: 'shop.test' }], act: { do: 'remove-domain', domain: 'shop.test' } },
  'keep-wildcard': { before: [create('anna')], act: keepOnOak },
  'drop-wildcard': { before: [keepOnOak, create('anna')], act: { do: 'drop-wildcard', domain: 'farm.test' } },
  'change-domain': { before: [addPanel], act: { do: 'change-domain', domain: 'panel.test' } },
  'renew-certificate': { before: [], act: { do: 'renew-certificate', domain: 'farm.test' } },
  'remove-server': { before: [], act: { do: 'remove-server', server: 'Pine' } },
  'join-server': { before: [], act: { do: 'join-server', server: 'Larch' } },
  'address-server': {
    // one with a record of its own, one that relies on the wildcard
    before: [create('berta'), keepOnOak, create('anna')],
    act: { do: 'address-server', server: 'Oak', publicAddresses: addressesAt('Oak', 'second') },
  },
};
