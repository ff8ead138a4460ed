import { useEffect, useRef } from 'react';
import { goTo } from '../lib/go-to.ts';
import { meaningOf } from './key-map.ts';

const GO_MS = 1_500;

function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]') !== null) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="menu"], [role="listbox"]') !== null)
  );
}

/** The keys of the whole window: Ctrl or Cmd with K, N, G and a letter, and the question mark. */
export function useKeys(acts: { readonly openPalette: () => void; readonly openKeys: () => void }): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    let goUntilMs = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.isComposing) return;
      const press = {
        code: event.code,
        key: event.key,
        hasCommand: event.ctrlKey || event.metaKey,
        hasAlt: event.altKey,
        isElsewhere: isElsewhere(event.target),
      };
      const meaning = meaningOf(press, event.timeStamp < goUntilMs);
      goUntilMs = meaning?.kind === 'begin-go' ? event.timeStamp + GO_MS : 0;
      if (meaning === undefined) return;
      event.preventDefault();
      if (meaning.kind === 'palette') latest.current.openPalette();
      else if (meaning.kind === 'keys') latest.current.openKeys();
      else if (meaning.kind === 'go') goTo(meaning.path);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
