import type { Locator, Page } from '@playwright/test';

/** One instance: its state, the diagnostic path from the visitor, charts, log, acts. */
export type InstancePage = {
  readonly title: (text: string) => Locator;
  readonly check: (name: 'Name' | 'Certificate' | 'Edge' | 'Application' | 'Self-check') => Locator;
  readonly chart: (name: 'Answer time' | 'Memory' | 'Processor') => Locator;
  readonly log: (name: string) => Locator;
  readonly act: (name: 'Restart' | 'Suspend' | 'Resume' | 'Open') => Locator;
  /** Opens “More acts” and takes one of them. */
  readonly more: (name: string) => Promise<void>;
  readonly dialog: Locator;
  readonly confirm: (name: string) => Locator;
};

export function instancePage(page: Page): InstancePage {
  const dialog = page.getByRole('dialog');
  return {
    title: (text) => page.getByRole('heading', { level: 1, name: text }),
    check: (name) =>
      page.getByRole('list', { name: 'From the visitor to the application' }).getByRole('listitem').filter({ hasText: name }),
    chart: (name) => page.getByRole('heading', { level: 3, name }).locator('xpath=ancestor::*[descendant::*[@role="img"]][1]'),
    log: (name) => page.getByRole('log', { name: `Log of ${name}` }),
    // What helps in a state stands a second time below, beside the reason.
    act: (name) => page.getByRole('main').getByRole('button', { name, exact: true }).first(),
    more: async (name) => {
      await page.getByRole('main').getByRole('button', { name: 'More acts' }).click();
      await page.getByRole('menuitem', { name }).click();
    },
    dialog,
    confirm: (name) => dialog.getByRole('button', { name }),
  };
}
