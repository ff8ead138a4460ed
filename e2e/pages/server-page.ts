import type { Locator, Page } from '@playwright/test';

export type ServerPage = {
  readonly askToRemove: () => Promise<void>;
  readonly dialog: Locator;
};

export function serverPage(page: Page): ServerPage {
  return {
    askToRemove: async () => {
      await page.getByRole('main').getByRole('button', { name: 'More acts' }).click();
      await page.getByRole('menuitem', { name: 'Remove from the farm' }).click();
    },
    dialog: page.getByRole('dialog'),
  };
}
