import { createContext, useContext } from 'react';

export type ThemeChoice = 'light' | 'dark' | 'system';
export type Density = 'comfortable' | 'dense';

export interface Look {
  /* The theme that is on now, never "system". */
  theme: 'light' | 'dark';
  density: Density;
  /* BCP 47, for numbers, dates and the lang attribute. */
  language: string;
  /* The clock of everything that shows an age; milliseconds since 1970. */
  clock: () => number;
}

export const LookContext = createContext<Look>({ theme: 'light', density: 'dense', language: 'en', clock: Date.now });

export function useLook(): Look {
  return useContext(LookContext);
}
