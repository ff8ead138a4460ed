import type { Locator } from '@playwright/test';

/** One line of what an act would change. */
export type Line = { readonly title: string; readonly says: string };

/** The list that stands before every button that changes something. */
export const changesList = (within: Locator): Locator => within.getByRole('list', { name: /^(What will change|Что изменится)/ });

/** What it says, word for word as it is drawn. */
export async function drawnLines(list: Locator): Promise<readonly Line[]> {
  return (await list.getByRole('listitem').allInnerTexts()).map((text) => {
    const [title = '', ...says] = text.split(/\n+/);
    return { title, says: says.join('\n') };
  });
}
