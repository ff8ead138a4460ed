import { MantineProvider } from '@mantine/core';
import { type ReactNode, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import { LookContext, type Density, type Look, type ThemeChoice } from './look-context.ts';
import { mantineTheme, mantineVariables } from './theme.ts';
import './tokens.css';
import './tokens-extra.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/page.css';
import './styles/narrow.css';
import './styles/contrast.css';

export interface ThemeProviderProps {
  theme: ThemeChoice;
  density: Density;
  /* BCP 47. */
  language: string;
  children: ReactNode;
  /* Text size in percent of the browser's: 90, 100, 115, 130. */
  textScalePercent?: number;
  /* Of this response's style nonce; see app/theme-setup.ts. */
  nonce?: string;
  /* Milliseconds since 1970; corrected by the core's offset where it is known. */
  clock?: () => number;
}

const DARK = '(prefers-color-scheme: dark)';

function subscribeToSystem(onChange: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}

/* public/first-paint.js reads it, so that the next start does not flash in the wrong theme. */
function rememberForFirstPaint(theme: ThemeChoice): void {
  try {
    localStorage.setItem('farmstead.theme', theme);
  } catch {
    // Storage can be off: the next start then follows the system for one frame.
  }
}

/* The one place that decides light or dark, language and density for the document and the library. */
export function ThemeProvider({ theme, density, language, children, textScalePercent = 100, nonce, clock = Date.now }: ThemeProviderProps) {
  const isSystemDark = useSyncExternalStore(subscribeToSystem, () => matchMedia(DARK).matches);
  const shown = theme === 'system' ? (isSystemDark ? 'dark' : 'light') : theme;
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = shown;
    root.dataset.density = density;
    root.lang = language;
    rememberForFirstPaint(theme);
    root.style.zoom = textScalePercent === 100 ? '' : String(textScalePercent / 100);
  }, [theme, shown, density, language, textScalePercent]);
  const look = useMemo<Look>(() => ({ theme: shown, density, language, clock }), [shown, density, language, clock]);
  return (
    <MantineProvider
      theme={mantineTheme}
      cssVariablesResolver={mantineVariables}
      forceColorScheme={shown}
      {...(nonce !== undefined && { getStyleNonce: () => nonce })}
    >
      <LookContext value={look}>{children}</LookContext>
    </MantineProvider>
  );
}
