import type { Language } from '#contract/ids.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Translate } from '#words/translate.ts';
import { askForDemo, askToShow } from '../ask-to-show.ts';
import type { Desktop, Environment } from '../choose-desktop.ts';
import { readLinkFile } from '../link-file.ts';
import { openInBrowser, redirectPage, writeRedirectFile } from '../open-in-browser.ts';

const tries = 50;
const pauseMs = 200;

/**
 * Shows the program that has this home open: a web console opens in the browser. Waits a while for one that is only just starting. False when
 * it does not answer, or cannot be shown here.
 */
export async function showOther(
  home: string,
  translate: Translate,
  environment: Environment,
  desktop: Desktop,
  options: { readonly isDemo: boolean; readonly language: Language | undefined; readonly mostTries?: number },
): Promise<boolean> {
  for (let left = options.mostTries ?? tries; left > 0; left -= 1) {
    const link = await readLinkFile(home, desktop);
    if (link === undefined) {
      await delay(pauseMs);
      continue;
    }
    try {
      const token = options.isDemo
        ? (await askForDemo(link, options.language ?? 'en', options.language)).token
        : await askToShow(link, options.language);
      if (token === undefined) return true;
      const file = await writeRedirectFile(home, redirectPage(link.origin, token, translate('shells.open.button')));
      return await openInBrowser(file, environment, desktop);
    } catch {
      return false;
    }
  }
  return false;
}
