import { create } from 'zustand';
import type { Language } from '#contract/ids.ts';
import type { Host } from '../lib/host.ts';

/** How the window looks to this person on this computer. */
export type LookState = {
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'dense' | 'comfortable';
  readonly language: Language;
  /** Percent of the browser's text size. */
  readonly textScalePercent: number;
};

export const textScales = [90, 100, 115, 130] as const;
const initial: LookState = { theme: 'system', density: 'dense', language: 'en', textScalePercent: 100 };

export const useLookStore = create<LookState>(() => initial);

const isOneOf = <T extends string>(values: readonly T[], value: unknown): value is T => values.some((known) => known === value);

/**
 * The language that the page's address asks for (`?language=ru`: somebody started the program with `--language`), and the address without it: what a
 * person chooses later must not be undone by loading the page again.
 */
export function askedLanguage({ pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>): {
  readonly language: Language | undefined;
  readonly address: string;
} {
  const parameters = new URLSearchParams(search);
  const asked = parameters.get('language');
  parameters.delete('language');
  const rest = parameters.toString();
  return { language: isOneOf(['en', 'ru'], asked) ? asked : undefined, address: `${pathname}${rest === '' ? '' : `?${rest}`}${hash}` };
}

/** What was kept, as far as it still makes sense; a person without a choice gets the language of their system. */
export function lookFrom(read: (key: string) => string | undefined, systemLanguages: readonly string[]): LookState {
  const theme = read('theme');
  const density = read('density');
  const language = read('language');
  const scale = Number(read('textScalePercent'));
  const own: Language = systemLanguages[0]?.toLowerCase().startsWith('ru') === true ? 'ru' : 'en';
  return {
    theme: isOneOf(['system', 'light', 'dark'], theme) ? theme : initial.theme,
    density: isOneOf(['dense', 'comfortable'], density) ? density : initial.density,
    language: isOneOf(['en', 'ru'], language) ? language : own,
    textScalePercent: textScales.find((known) => known === scale) ?? initial.textScalePercent,
  };
}

/** Takes up what this computer keeps, and keeps every later choice. A language that was asked for now is such a choice. Returns its disposer. */
export function keepLook(keep: Host['keep'], systemLanguages: readonly string[], asked?: Language): () => void {
  useLookStore.setState({ ...lookFrom(keep.read, systemLanguages), ...(asked === undefined ? {} : { language: asked }) });
  if (asked !== undefined) keep.write('language', asked);
  return useLookStore.subscribe((look, before) => {
    for (const key of ['theme', 'density', 'language', 'textScalePercent'] as const) {
      if (look[key] !== before[key]) keep.write(key, String(look[key]));
    }
  });
}

/** Title bar, menus and dialogs of the desktop follow the theme that the person chose. Returns its disposer. */
export function followTheme(showTheme: Host['showTheme']): () => void {
  // A system that cannot follow stays as it is.
  const show = ({ theme }: LookState): void => void showTheme(theme).catch(() => undefined);
  show(useLookStore.getState());
  return useLookStore.subscribe((look, before) => {
    if (look.theme !== before.theme) show(look);
  });
}

export function changeLook(change: Partial<LookState>): void {
  useLookStore.setState(change);
}
