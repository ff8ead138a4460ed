import type { Locator, Page } from '@playwright/test';

/** One job: its steps, the two ways out where it stopped, its proof where it ended. */
export type JobPage = {
  readonly title: (text: string) => Locator;
  readonly verdict: (text: string) => Locator;
  readonly step: (text: string) => Locator;
  readonly proof: Locator;
  readonly goOn: Locator;
  readonly undo: Locator;
  readonly confirmUndo: Locator;
};

export function jobPage(page: Page): JobPage {
  const main = page.getByRole('main');
  return {
    title: (text) => page.getByRole('heading', { level: 1, name: text }),
    verdict: (text) => main.getByRole('heading', { level: 2, name: text }),
    step: (text) => page.getByRole('list', { name: 'Steps' }).getByRole('listitem').filter({ hasText: text }),
    proof: page.getByRole('list', { name: 'Proof' }).getByRole('listitem'),
    goOn: main.getByRole('button', { name: 'Continue', exact: true }),
    undo: main.getByRole('button', { name: 'Undo everything' }),
    confirmUndo: page.getByRole('dialog').getByRole('button', { name: 'Undo everything' }),
  };
}
