import type { Locator, Page } from '@playwright/test';

/** The four doors, and the steps of the demo farm behind one of them. */
export type FirstRunPage = { readonly title: Locator; readonly demo: Locator; readonly steps: Locator };

export function firstRunPage(page: Page): FirstRunPage {
  return {
    title: page.getByRole('heading', { level: 1, name: 'How do you want to begin?' }),
    demo: page.getByRole('button', { name: /Look around in a demo farm/ }),
    steps: page.getByRole('list', { name: 'Steps' }).getByRole('listitem'),
  };
}
