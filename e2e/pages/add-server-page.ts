import type { Locator, Page } from '@playwright/test';

export type AddServerPage = {
  /** Types what the new server shows, and adds it. */
  readonly add: (server: { readonly name: string; readonly address: string; readonly code: string }) => Promise<void>;
  /** The four words of a server that has just joined. */
  readonly words: (name: string) => Locator;
  readonly differ: (name: string) => Locator;
  readonly takeOut: (name: string) => Locator;
  readonly whole: Locator;
};

export function addServerPage(page: Page): AddServerPage {
  return {
    add: async ({ name, address, code }) => {
      await page.getByRole('textbox', { name: 'Address of the server' }).fill(address);
      await page.getByRole('textbox', { name: 'Code that the server shows' }).fill(code);
      await page.getByRole('textbox', { name: /^Name/ }).fill(name);
      await page.getByRole('button', { name: /^Add the server/ }).click();
    },
    words: (name) => page.getByRole('list', { name: `The key of ${name} in four words` }).getByRole('listitem'),
    differ: (name) => page.getByRole('button', { name: `They differ: take ${name} out again` }),
    takeOut: (name) => page.getByRole('dialog').getByRole('button', { name: `Take ${name} out` }),
    whole: page.getByText('The whole key', { exact: true }),
  };
}
