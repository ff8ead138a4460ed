// Before the first paint: the theme of last time, so that a dark window does not flash white. The window sets it again.
(() => {
  let choice = 'system';
  try {
    choice = localStorage.getItem('farmstead.theme') ?? 'system';
  } catch {
    // Storage can be off; the system's theme is right then.
  }
  const isDark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
})();
// The content policy forbids code made from text, which zod tries as soon as it makes a schema: that is before any line of ours that comes with it.
globalThis.__zod_globalConfig = { jitless: true };
