const WAIT_MS = 5_000;

/** Focuses the title of the page, unless the page has already put the focus into a field of its own. False while there is no title yet. */
function focusTitle(): boolean {
  const title = document.querySelector<HTMLElement>('main h1');
  if (title === null) return false;
  const active = document.activeElement;
  const isInField = active instanceof HTMLElement && active.closest('main') !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
  if (!isInField) title.focus({ preventScroll: true });
  return true;
}

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
