import { focusTitle } from '../lib/focus-title.ts';

const WAIT_MS = 5_000;

/**
 * Call when another page has been drawn: a screen reader hears its title, Tab goes on from there, and it begins at its top. A page that is
 * still fetching gets the focus as soon as its title stands. Returns its disposer.
 */
export function focusNewPage(): () => void {
  document.querySelector('main')?.scrollTo({ top: 0 });
  if (focusTitle()) return () => undefined;
  const observer = new MutationObserver(() => {
    if (focusTitle()) observer.disconnect();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  const stop = setTimeout(() => observer.disconnect(), WAIT_MS);
  return () => {
    clearTimeout(stop);
    observer.disconnect();
  };
}
