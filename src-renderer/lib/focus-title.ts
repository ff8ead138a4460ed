import { useEffect } from 'react';

/** Focuses the title of the page, unless the page has already put the focus into a field of its own. False while there is no title yet. */
export function focusTitle(): boolean {
  const title = document.querySelector<HTMLElement>('main h1');
  if (title === null) return false;
  const active = document.activeElement;
  const isInField = active instanceof HTMLElement && active.closest('main') !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
  if (!isInField) title.focus({ preventScroll: true });
  return true;
}

/**
 * A page that becomes another one in its place (a form its progress, progress its result) takes away what had the focus. With every new
 * `title` the focus goes to it: a screen reader hears it, Tab goes on from there, and it is seen: the button that led here was far below it
 * in a small window.
 */
export function useTitleInPlace(title: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new title is the occasion
  useEffect(() => {
    focusTitle();
    document.querySelector('main h1')?.scrollIntoView({ block: 'nearest' });
  }, [title]);
}
