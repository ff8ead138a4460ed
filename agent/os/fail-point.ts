import type { FailPoint } from '../ports.ts';

/**
 * `FARM_FAIL_POINT=<name>[:n]` makes this process kill itself at the n-th passage of that point: no cleaning up, no last words, as when
 * the power goes. Anything else in the variable does nothing.
 */
export function createFailPoint(setting: string | undefined): FailPoint {
  const [name, times = '1'] = (setting ?? '').split(':');
  let left = Number.parseInt(times, 10);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
