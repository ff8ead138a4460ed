import { useEffect, useRef } from 'react';

const inside = '[role="dialog"], [role="menu"], [role="listbox"]';
const isIn = (target: EventTarget | null, selector: string): boolean => target instanceof HTMLElement && target.closest(selector) !== null;

/** The physical key under the slash, so that it works on a Cyrillic layout too. */
const meaningOf = (event: KeyboardEvent): string => (event.code === 'Slash' && !event.shiftKey ? '/' : event.key);

/**
 * Single keys of one page (`/`, `Escape`) while it is shown. They never fire with Ctrl, Alt or Cmd, nor while something is typed;
 * Escape is taken in fields too, unless a part inside used it first.
 */
export function usePageKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
      const act = latest.current[meaningOf(event)];
      if (act === undefined || document.querySelector('[role="dialog"]') !== null || isIn(event.target, inside)) return;
      if (event.key !== 'Escape' && isIn(event.target, 'input, textarea, select')) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
