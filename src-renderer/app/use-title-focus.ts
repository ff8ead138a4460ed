import { useEffect, useRef } from 'react';

const WAIT_MS = 5_000;

/** Focuses the title of the page, unless the page has already put the focus into a field of its own. True when there was one. */
function focusTitle(): boolean {
  const title = document.querySelector<HTMLElement>('main h1');
  if (title === null) return false;
  const active = document.activeElement;
  const isInField = active instanceof HTMLElement && active.closest('main') !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
  if (!isInField) title.focus({ preventScroll: true });
  return true;
}

/** After going to another page a screen reader hears its title and Tab goes on from there. The first page of the window keeps its focus. */
export function useTitleFocus(pathname: string): void {
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return undefined;
    before.current = pathname;
    document.querySelector('main')?.scrollTo({ top: 0 });
    // The old page stands until the new one has been loaded: one frame later the title is the new one, or there is none yet.
    let observer: MutationObserver | undefined;
    const frame = requestAnimationFrame(() => {
      if (focusTitle()) return;
      observer = new MutationObserver(() => {
        if (focusTitle()) observer?.disconnect();
      });
      observer.observe(document.body, { childList: true, subtree: true });
    });
    const stop = setTimeout(() => observer?.disconnect(), WAIT_MS);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(stop);
      observer?.disconnect();
    };
  }, [pathname]);
}
