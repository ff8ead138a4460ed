import type { Evaluator } from './evaluator.ts';

const mebibyte = 2 ** 20;

/** The disk of the farm's own home: full, or filling up. */
export const homeDisk: Evaluator<'home-disk'> = ({ path, freeBytes, state, sinceMs }) =>
  state === 'good'
    ? 'good'
    : {
        severity: state === 'full' ? 'bad' : 'warning',
        parameters: { path, freeMegabytes: Math.floor(freeBytes / mebibyte), isFull: state === 'full' ? 'yes' : 'no' },
        beganAtMs: sinceMs,
      };
