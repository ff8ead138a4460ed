import { FarmError } from '#contract/errors.ts';
import type { Farm } from '../../model/settings/farm.ts';

/** The one farm of this home, once there is one. */
export type FarmHolder = {
  readonly current: () => Farm | undefined;
  /** Throws `NOT_FOUND` before a farm was started. */
  readonly farm: () => Farm;
  readonly set: (farm: Farm | undefined) => void;
};

export function createFarmHolder(): FarmHolder {
  let held: Farm | undefined;
  return {
    current: () => held,
    farm: () => {
      if (held === undefined) throw new FarmError('NOT_FOUND', { kind: 'farm', name: '' });
      return held;
    },
    set: (farm) => {
      held = farm;
    },
  };
}
