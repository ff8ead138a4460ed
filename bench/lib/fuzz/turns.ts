/** The goal; a turn of its own CPU time, so that other programs on the machine do not count. */
export const longestTurnMs = 100;
const tickMs = 5;

/**
 * Tells every turn of this thread that took more CPU than it may, and each that was the longest so far. A tick never stands within a turn, so what the thread's
 * CPU took between two of them is a turn or more: the bound is on the safe side.
 */
export function measureTurns(tell: (turn: { readonly cpuMs: number; readonly isTooLong: boolean }) => void): void {
  let longest = 0;
  let before = process.threadCpuUsage();
  setInterval(() => {
    const now = process.threadCpuUsage();
    const cpuMs = (now.user + now.system - before.user - before.system) / 1000;
    before = now;
    if (cpuMs > longestTurnMs) tell({ cpuMs, isTooLong: true });
    else if (cpuMs > longest) tell({ cpuMs, isTooLong: false });
    longest = Math.max(longest, cpuMs);
  }, tickMs).unref();
}
