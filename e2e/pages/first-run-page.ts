import type { Locator, Page } from '@playwright/test';

/** The four choices, and the steps of the demo farm behind one of them. */
export type FirstRunPage = {
  readonly title: Locator;
  readonly demo: Locator;
  readonly steps: Locator;
  /** Why the start stopped, and what leads on. */
  readonly stopped: Locator;
  readonly again: Locator;
  readonly remove: Locator;
};

export function firstRunPage(page: Page): FirstRunPage {
  return {
    title: page.getByRole('heading', { level: 1, name: 'How do you want to begin?' }),
    demo: page.getByRole('button', { name: /Look around in a demo farm/ }),
    steps: page.getByRole('list', { name: 'Steps' }).getByRole('listitem'),
    stopped: page.getByRole('alert').filter({ hasText: 'The start stopped' }),
    again: page.getByRole('button', { name: 'Start it again' }),
    remove: page.getByRole('button', { name: 'Remove what is there' }),
  };
}
