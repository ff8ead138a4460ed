import { createContext } from 'react';
import type { CoreConnection } from './core-client.ts';
import type { Host } from './host.ts';

/** What the window stands on: a core and a host. Provided once in `app/main.tsx`. */
export type Ground = { readonly connection: CoreConnection; readonly host: Host };

export const GroundContext = createContext<Ground | undefined>(undefined);
