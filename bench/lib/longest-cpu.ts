/** The most CPU, in milliseconds, that this thread took between two ticks of 5 ms: how long a turn would be on a machine that nobody else uses. */
export function longestCpu(): { readonly stop: () => number } {
  let longest = 0;
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user + now.system - before.user - before.system);
    before = now;
  }, 5);
  return {
    stop: () => {
      clearInterval(timer);
      return longest / 1000;
    },
  };
}
