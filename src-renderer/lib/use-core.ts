import { useContext, useSyncExternalStore } from 'react';
import type { CoreClient } from './core-client.ts';
import { GroundContext, type Ground } from './core-context.ts';
import type { LinkState } from './core-link.ts';
import type { Host } from './host.ts';

/** Core connection and host together. Throws outside the window's root. */
export function useGround(): Ground {
  const ground = useContext(GroundContext);
  if (ground === undefined) throw new Error('outside GroundContext');
  return ground;
}

/** The typed client of the core. The same object for the life of the window. */
export function useCore(): CoreClient {
  return useGround().connection.client;
}

export function useHost(): Host {
  return useGround().host;
}

/** Is the core there? Renders again on every change of the link. */
export function useLinkState(): LinkState {
  const { link } = useGround().connection;
  return useSyncExternalStore(link.subscribe, link.state);
}
