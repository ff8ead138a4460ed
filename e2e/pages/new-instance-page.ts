import { expect, type Locator, type Page } from '@playwright/test';

export type HandedOver = { readonly url: string; readonly userName: string; readonly password: string };

/** The wizard, the steps that follow it, and the hand-over card at their end. */
export type NewInstancePage = {
  readonly name: Locator;
  readonly customer: Locator;
  readonly take: (proposal: string) => Locator;
  readonly application: (name: string) => Locator;
  readonly servers: Locator;
  readonly server: (name: string) => Locator;
  readonly changes: Locator;
  readonly create: (name: string) => Locator;
  readonly trustSteps: Locator;
  readonly steps: Locator;
  readonly ready: (name: string) => Locator;
  readonly readHandOver: () => Promise<HandedOver>;
  readonly letter: Locator;
  readonly done: Locator;
};

export function newInstancePage(page: Page): NewInstancePage {
  const row = (name: string): Locator => page.getByRole('term').filter({ hasText: name }).locator('xpath=following-sibling::dd[1]');
  const group = (name: string): Locator => page.getByRole('radiogroup', { name });
  return {
    name: page.getByRole('textbox', { name: 'Name', exact: true }),
    customer: page.getByRole('textbox', { name: 'Customer optional' }),
    take: (proposal) => page.getByRole('button', { name: `Take ${proposal}` }),
    application: (name) => group('Application').getByRole('radio', { name }),
    servers: group('Server').getByRole('radio'),
    server: (name) => group('Server').getByRole('radio', { name }),
    changes: page.getByRole('list', { name: 'What will change' }),
    create: (name) => page.getByRole('button', { name: `Create ${name}` }),
    trustSteps: page.getByRole('button', { name: 'File and steps' }),
    steps: page.getByRole('list', { name: 'Steps' }),
    ready: (name) => page.getByRole('heading', { level: 1, name: `${name} is ready` }),
    readHandOver: async () => {
      await expect(row('Address')).toBeVisible();
      return {
        url: await row('Address').innerText(),
        userName: await row('Sign-in name').innerText(),
        password: await row('First password').innerText(),
      };
    },
    letter: page.locator('pre'),
    done: page.getByRole('button', { name: 'Done', exact: true }),
  };
}
