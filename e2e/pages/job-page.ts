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
  /** Of a server whose agent does not answer. */
  readonly forget: Locator;
  readonly dialog: Locator;
  readonly confirmForget: (name: string) => Locator;
  readonly keepAsItIs: Locator;
};

export function jobPage(page: Page): JobPage {
  const main = page.getByRole('main');
  const dialog = page.getByRole('dialog');
  return {
    title: (text) => page.getByRole('heading', { level: 1, name: text }),
    verdict: (text) => main.getByRole('heading', { level: 2, name: text }),
    step: (text) => page.getByRole('list', { name: 'Steps' }).getByRole('listitem').filter({ hasText: text }),
    proof: page.getByRole('list', { name: 'Proof' }).getByRole('listitem'),
    goOn: main.getByRole('button', { name: 'Continue', exact: true }),
    undo: main.getByRole('button', { name: 'Undo everything' }),
    confirmUndo: dialog.getByRole('button', { name: 'Undo everything' }),
    forget: main.getByRole('button', { name: 'Forget the server' }),
    dialog,
    confirmForget: (name) => dialog.getByRole('button', { name: `Forget ${name}` }),
    keepAsItIs: dialog.getByRole('button', { name: 'Keep it as it is' }),
  };
}
