import type { JobType } from '#contract/catalogue/jobs.ts';
import type { Act } from './moves.ts';

/** One type of job: what is done before it, and what begins it, so that no step of it is skipped. A type without a line does not compile. */
export type KillScene = {
  readonly prepare: readonly Act[];
  readonly act: Act;
  /** From this step on it can only be continued. */
  readonly pastReturn?: string;
};

const anna: Act = { do: 'create', name: 'anna', domain: 'farm.test', server: 'Oak', isNewCustomer: true };
const keepOnOak: Act = { do: 'keep-wildcard', domain: 'farm.test', server: 'Oak' };
const shop: Act = { do: 'add-domain', domain: 'shop.test' };

export const killScenes: { readonly [Type in JobType]: KillScene } = {
  create: { prepare: [], act: anna },
  remove: { prepare: [anna], act: { do: 'remove', name: 'anna' }, pastReturn: 'folder' },
  start: { prepare: [anna, { do: 'stop', name: 'anna' }], act: { do: 'start', name: 'anna' } },
  restart: { prepare: [anna], act: { do: 'restart', name: 'anna' } },
  resume: { prepare: [anna, { do: 'suspend', name: 'anna' }], act: { do: 'resume', name: 'anna' } },
  stop: { prepare: [anna], act: { do: 'stop', name: 'anna' } },
  suspend: { prepare: [anna], act: { do: 'suspend', name: 'anna' } },
  'add-domain': { prepare: [], act: shop },
  'remove-domain': {
    prepare: [shop, { do: 'keep-wildcard', domain: 'shop.test', server: 'Oak' }],
    act: { do: 'remove-domain', domain: 'shop.test' },
    pastReturn: 'row',
  },
  'keep-wildcard': { prepare: [anna], act: keepOnOak, pastReturn: 'rely' },
  // anna is found by the wildcard alone
  'drop-wildcard': { prepare: [keepOnOak, anna], act: { do: 'drop-wildcard', domain: 'farm.test' } },
  'change-domain': { prepare: [{ do: 'add-domain', domain: 'panel.test' }], act: { do: 'change-domain', domain: 'panel.test' } },
  'renew-certificate': { prepare: [], act: { do: 'renew-certificate', domain: 'farm.test' } },
  'remove-server': { prepare: [], act: { do: 'remove-server', server: 'Pine' }, pastReturn: 'leave' },
  'join-server': { prepare: [], act: { do: 'join-server', server: 'Larch' } },
  'address-server': { prepare: [anna, keepOnOak], act: { do: 'address-server', server: 'Oak', at: 'second' } },
};
