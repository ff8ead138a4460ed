import type { Locator, Page } from '@playwright/test';

export type SettingsPage = {
  readonly colours: (name: string) => Locator;
  readonly chooseLanguage: (from: string, to: string) => Promise<void>;
  readonly removeDemo: Locator;
  readonly dialog: Locator;
};

export function settingsPage(page: Page): SettingsPage {
  return {
    // The radio itself is hidden below its words.
    colours: (name) => page.getByRole('radiogroup', { name: 'Colours' }).getByText(name, { exact: true }),
    chooseLanguage: async (label, to) => {
      await page.getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option', { name: to }).click();
    },
    removeDemo: page.getByRole('main').getByRole('button', { name: 'Remove the demo farm' }),
    dialog: page.getByRole('dialog'),
  };
}
