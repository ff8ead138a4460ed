import type { Failure } from '#contract/errors.ts';
import { reachOfAddress, readPublicAddresses } from '#contract/public-address.ts';

export type TypedAddresses = {
  readonly addresses: readonly string[];
  /** What the core would answer. */
  readonly failure: Failure | undefined;
  /** Those that customers outside will not reach: right on a farm of tests, a mistake on most others. */
  readonly notFromOutside: readonly string[];
};

/** IP addresses of a text, one in a line or parted by commas, by the rule of the core. */
export function addressesFrom(text: string): TypedAddresses {
  const { addresses, problem } = readPublicAddresses(text.split(/[\s,;]+/).filter((word) => word !== ''));
  return {
    addresses,
    failure: problem === undefined ? undefined : { code: 'PUBLIC_ADDRESS_INVALID', parameters: problem },
    notFromOutside: addresses.filter((address) => reachOfAddress(address) !== 'world'),
  };
}
