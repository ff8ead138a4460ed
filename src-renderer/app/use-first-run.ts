import { useEffect } from 'react';
import { goTo, paths } from '../lib/go-to.ts';
import { selectFarm, selectIsKnown, useMirror } from '../stores/mirror.ts';

/** A home without a farm has one page only: the four doors. Settings stay reachable. */
export function useFirstRun(pathname: string): void {
  const isKnown = useMirror(selectIsKnown);
  const hasFarm = useMirror((mirror) => selectFarm(mirror) !== undefined);
  useEffect(() => {
    if (isKnown && !hasFarm && pathname !== '/settings') goTo(paths.firstRun);
  }, [isKnown, hasFarm, pathname]);
}
