import type { WindowLook } from '#contract/window-look.ts';
import { brokenTitle, inPage, isFresh, isLinked, lookAtPage } from './look-at-page.ts';
import { failed, passed, type Trial, type TrialStep, until } from './trial-step.ts';

const drawn: TrialStep = {
  name: 'page',
  limitMs: 15_000,
  run: async (trial, signal) => {
    const page = await until(signal, async () => {
      const found = await lookAtPage(trial);
      return found.children > 0 && found.text.trim() !== '' ? found : undefined;
    });
    const broken = brokenTitle(page);
    return broken === undefined ? passed({ letters: page.text.length }) : failed({ shows: broken });
  },
};

const linked: TrialStep = {
  name: 'link',
  limitMs: 20_000,
  run: async (trial, signal) => {
    const { place, freshness } = await until(signal, async () => {
      const found = await lookAtPage(trial);
      return trial.inside.linkCount() > 0 && isLinked(found) ? found : undefined;
    });
    return passed({ ports: trial.inside.linkCount(), place, freshness });
  },
};

const speaks: TrialStep = {
  name: 'language',
  limitMs: 5000,
  run: async (trial) => {
    const { language } = await lookAtPage(trial);
    const detail = { asked: trial.language, page: language };
    return language === trial.language ? passed(detail) : failed(detail);
  },
};

/** What the person had copied comes back, as far as it was text. */
const copies: TrialStep = {
  name: 'copy',
  limitMs: 8000,
  run: async (trial, signal) => {
    const { clipboard } = trial.electron;
    const before = await clipboard.readText();
    const text = `Farmstead ${crypto.randomUUID()}`;
    try {
      // Wayland gives and takes the clipboard of a window that has the focus, and of no other.
      await until(signal, async () => {
        await inPage(trial, `window.farmHost.copyText(${JSON.stringify(text)})`);
        return (await clipboard.readText()) === text ? true : undefined;
      });
      return passed();
    } finally {
      if (before !== '') await clipboard.writeText(before);
    }
  },
};

/** Whether it was seen, only a person knows. */
const notifies: TrialStep = {
  name: 'notice',
  limitMs: 5000,
  run: async (trial) => {
    await inPage(trial, `window.farmHost.notify('Farmstead', ${JSON.stringify('✓')})`);
    return passed();
  },
};

/** A frame or two after the page knows, it is painted. */
const paintMs = 400;

async function photograph(trial: Trial, theme: 'light' | 'dark', signal: AbortSignal): Promise<string> {
  const bytes = await until(signal, async () => {
    const picture = await trial.inside.window()?.webContents.capturePage();
    return picture === undefined || picture.isEmpty() ? undefined : picture.toPNG();
  });
  return trial.results.keepPicture(theme, bytes);
}

const follows = (theme: 'light' | 'dark'): TrialStep => ({
  name: theme,
  limitMs: 10_000,
  run: async (trial, signal) => {
    const { nativeTheme } = trial.electron;
    try {
      await inPage(trial, `window.farmHost.showTheme('${theme}')`);
      await until(signal, async () => {
        const isSystemThere = nativeTheme.shouldUseDarkColors === (theme === 'dark');
        return isSystemThere && (await lookAtPage(trial)).theme === theme ? true : undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, paintMs));
      return passed({}, await photograph(trial, theme, signal));
    } finally {
      await inPage(trial, "window.farmHost.showTheme('system')").catch(() => undefined);
    }
  },
});

/** The page of a farm that lives, through a port that was given after `linksBefore`. */
export async function untilPageLives(trial: Trial, signal: AbortSignal, linksBefore: number): Promise<WindowLook> {
  return until(signal, async () => {
    if (trial.inside.linkCount() <= linksBefore) return undefined;
    const found = await lookAtPage(trial);
    return isFresh(found.freshness) && brokenTitle(found) === undefined ? found : undefined;
  });
}

export const firstPageSteps: readonly TrialStep[] = [drawn, linked, speaks];
export const hostSteps: readonly TrialStep[] = [copies, notifies, follows('light'), follows('dark')];
