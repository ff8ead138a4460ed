import type { Locator, Page } from '@playwright/test';

export type InstancesPage = {
  readonly row: (name: string) => Locator;
  readonly empty: Locator;
  readonly newInstance: Locator;
};

export function instancesPage(page: Page): InstancesPage {
  const main = page.getByRole('main');
  return {
    row: (name) =>
      page
        .getByRole('grid', { name: 'Instances' })
        .getByRole('row')
        .filter({ has: page.getByRole('link', { name, exact: true }) }),
    empty: main.getByText('No instances yet'),
    newInstance: main.getByRole('link', { name: 'New instance' }).first(),
  };
}
