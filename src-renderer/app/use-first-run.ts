import { useEffect } from 'react';
import { goTo, paths } from '../lib/go-to.ts';
import { selectFarm, selectIsKnown, useSnapshot } from '../stores/snapshot.ts';

/** A home without a farm has one page only: the four choices. Settings stay reachable. */
export function useFirstRun(pathname: string): void {
  const isKnown = useSnapshot(selectIsKnown);
  const hasFarm = useSnapshot((snapshot) => selectFarm(snapshot) !== undefined);
  useEffect(() => {
    if (isKnown && !hasFarm && pathname !== '/settings') goTo(paths.firstRun);
  }, [isKnown, hasFarm, pathname]);
}
