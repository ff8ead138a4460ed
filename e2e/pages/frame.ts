import { expect, type Locator, type Page } from '@playwright/test';

/** What stands around every page: rail, palette, banners, strip. Words are the English ones. */
export type Frame = {
  readonly title: Locator;
  readonly go: (page: 'Desk' | 'Instances' | 'Servers' | 'Certificates' | 'Domains' | 'Jobs' | 'Alerts' | 'Settings') => Promise<void>;
  /** Where the address of the window leads; `path` begins with a slash. */
  readonly goTo: (path: string) => Promise<void>;
  readonly search: Locator;
  readonly palette: { readonly field: Locator; readonly entry: (text: string | RegExp) => Locator };
  readonly lost: Locator;
  readonly signedOut: Locator;
  readonly freshness: Locator;
};

export function frame(page: Page): Frame {
  const title = page.getByRole('heading', { level: 1 });
  const rail = page.getByRole('navigation', { name: 'Farm', exact: true });
  const palette = page.getByRole('dialog', { name: 'Search or act' });
  return {
    title,
    go: async (name) => {
      await rail.getByRole('link', { name, exact: false }).first().click();
      await expect(title).toBeVisible();
    },
    goTo: async (path) => {
      // A page is fetched when one goes there; until then the one before stays.
      const before = (new URL(page.url()).hash || '#/') === `#${path}` ? null : await title.elementHandle();
      await page.goto(`${new URL(page.url()).origin}/#${path}`);
      await before?.waitForElementState('hidden');
      await expect(title).toBeVisible();
    },
    search: rail.getByRole('button', { name: /Search or act/ }),
    palette: { field: palette.getByRole('combobox'), entry: (name) => palette.getByRole('option', { name }) },
    lost: page.getByText('The program that runs the farm does not answer', { exact: true }),
    signedOut: page.getByText('The program was started anew and no longer knows this browser tab'),
    freshness: page.getByRole('contentinfo').getByRole('status'),
  };
}
