import { type WindowLook, windowLook, windowLookCode } from '#contract/window-look.ts';
import { translateFor } from '../../speech.ts';
import { atMost, type Trial } from './trial-step.ts';

/** Runs code in the page. Throws when there is no window, or no answer in four seconds. */
export async function inPage(trial: Trial, code: string): Promise<unknown> {
  const window = trial.inside.window();
  if (window === undefined) throw new Error('there is no window');
  return atMost(4000, () => window.webContents.executeJavaScript(code));
}

export async function lookAtPage(trial: Trial): Promise<WindowLook> {
  return windowLook.parse(await inPage(trial, windowLookCode));
}

/** The pages that stand in for one that cannot be shown (src-renderer/app/odd-pages.tsx), in either language. */
const brokenTitles = (['en', 'ru'] as const).flatMap((language) => {
  const translate = translateFor(language);
  return [translate('common.page.broken'), translate('common.page.missing')];
});
export const brokenTitle = ({ text }: WindowLook): string | undefined => brokenTitles.find((title) => text.includes(title));

/**
 * Has a call through the page's own port been answered? A window over a home without a farm goes to its first page only when the core has told it so;
 * else the strip at the bottom tells how fresh the core's answers are.
 */
export const isLinked = ({ place, freshness }: WindowLook): boolean => isFresh(freshness) || place === '#/first-run';
/** Of a window over a farm. */
export const isFresh = (freshness: string): boolean => freshness === 'good' || freshness === 'warning';
