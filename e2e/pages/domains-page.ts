import type { Locator, Page } from '@playwright/test';

export type DomainsPage = {
  readonly panel: (domain: string) => Locator;
  /** What the name server said of the domain's zone. */
  readonly findings: (domain: string) => Locator;
  readonly addBuiltin: (domain: string) => Promise<void>;
  readonly askToRemove: (domain: string) => Promise<void>;
  readonly confirm: (domain: string) => Locator;
  readonly dialog: Locator;
};

export function domainsPage(page: Page): DomainsPage {
  const panel = (domain: string): Locator => page.getByRole('region', { name: domain, exact: true });
  return {
    panel,
    findings: (domain) => panel(domain).getByRole('list', { name: 'In the zone' }),
    addBuiltin: async (domain) => {
      await page.getByRole('button', { name: 'Add a domain' }).click();
      await page.getByRole('textbox', { name: 'Domain' }).fill(domain);
      await page.getByRole('radio', { name: /Built-in/ }).click();
      await page.getByRole('button', { name: `Add ${domain}` }).click();
    },
    askToRemove: (domain) => panel(domain).getByRole('button', { name: 'Remove' }).click(),
    confirm: (domain) => page.getByRole('dialog').getByRole('button', { name: `Remove ${domain}` }),
    dialog: page.getByRole('dialog'),
  };
}
