import type { Evaluator } from './evaluator.ts';

const warnShare = 0.9;

/** It has nearly used up the disk of its plan, or has more. The agent ends it above 110 %, and only when that is left it is good again. */
export const instanceDisk: Evaluator<'instance-disk'> = ({ name, server, diskBytes, limits }) => {
  if (diskBytes === undefined || limits.diskBytes <= 0) return 'unknown';
  const share = diskBytes / limits.diskBytes;
  if (share < warnShare) return 'good';
  const isOver = share > 1;
  // Rounded so that it never says less than what it is judged by.
  const percent = isOver ? Math.ceil(share * 100) : Math.floor(share * 100);
  return {
    severity: isOver ? 'bad' : 'warning',
    parameters: { name, server: server?.name ?? '', percent, isOver: isOver ? 'yes' : 'no' },
  };
};
