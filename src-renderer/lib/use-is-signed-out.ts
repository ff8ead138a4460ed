import { useEffect, useState } from 'react';
import { useHost, useLinkState } from './use-core.ts';

/** True when the link is lost because the program no longer knows this browser: no waiting helps, opening it again does. */
export function useIsSignedOut(): boolean {
  const host = useHost();
  const state = useLinkState();
  const [isSignedOut, setSignedOut] = useState(false);
  const attempt = state.kind === 'lost' ? state.attempt : undefined;
  useEffect(() => {
    if (attempt === undefined) {
      setSignedOut(false);
      return undefined;
    }
    let isGone = false;
    void host.whyLost().then((why) => {
      if (!isGone) setSignedOut(why === 'signed-out');
    });
    return () => {
      isGone = true;
    };
  }, [host, attempt]);
  return isSignedOut;
}
