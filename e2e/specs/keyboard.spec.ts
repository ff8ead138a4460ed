import { expect, picture, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { jobPage } from '../pages/job-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

test('an instance is created, suspended, resumed and removed without a mouse', async ({ page }) => {
  const { keyboard } = page;
  const wizard = newInstancePage(page);
  const one = instancePage(page);
  await test.step('created', async () => {
    await expect(frame(page).title).toHaveText('The farm is ready for its first customer');
    await keyboard.press('n');
    await expect(wizard.name).toBeFocused();
    // Before the packages are there Tab leads past them.
    await expect(wizard.application('TiddlyWiki')).toBeChecked();
    await keyboard.type('ida');
    await keyboard.press('Tab');
    await expect(wizard.customer).toBeFocused();
    await keyboard.press('Tab');
    await expect(wizard.application('TiddlyWiki')).toBeFocused();
    await keyboard.press('ArrowRight');
    await expect(wizard.application('Plain website')).toBeChecked();
    await keyboard.press('Shift+Tab');
    await expect(wizard.customer).toBeFocused();
    await expect(wizard.create('ida')).toBeEnabled();
    await keyboard.press('Enter');
    await expect(wizard.ready('ida')).toBeVisible({ timeout: 30_000 });
    await expect(wizard.ready('ida')).toBeFocused();
  });
  await test.step('suspended and resumed by the palette', async () => {
    const { palette } = frame(page);
    const act = async (text: string): Promise<void> => {
      await keyboard.press('Control+k');
      await expect(palette.field).toBeFocused();
      await keyboard.type('ida');
      const wanted = palette.entry(text);
      await expect(wanted).toBeVisible();
      // The groups: what is called that, then what can be done with the best of it.
      await keyboard.press('Tab');
      for (let presses = 0; presses < 6 && (await wanted.getAttribute('aria-selected')) !== 'true'; presses += 1)
        await keyboard.press('ArrowDown');
      await expect(wanted).toHaveAttribute('aria-selected', 'true');
      await picture(page, 'keyboard-1-palette');
      await keyboard.press('Enter');
    };
    await act('Suspend ida');
    await expect(one.title('ida Suspended')).toBeVisible();
    await act('Resume ida');
    await expect(one.title('ida Running')).toBeVisible();
  });
  await test.step('removed', async () => {
    await one.act('Restart').press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    const remove = page.getByRole('menuitem', { name: 'Remove' });
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    await keyboard.press('End');
    await expect(remove).toBeFocused();
    await keyboard.press('Enter');
    await expect(one.dialog.getByRole('textbox')).toBeFocused();
    await keyboard.type('ida');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await expect(one.confirm('Remove ida')).toBeFocused();
    await keyboard.press('Enter');
    await expect(jobPage(page).verdict('Nothing of ida is left')).toBeVisible({ timeout: 30_000 });
  });
});

test('the palette leads to every page, object and look', async ({ page }) => {
  const { keyboard } = page;
  const { palette, title } = frame(page);
  await expect(title).toHaveText('The farm is ready for its first customer');
  const choose = async (text: string, entry: RegExp): Promise<void> => {
    await keyboard.press('Control+k');
    await expect(palette.field).toBeFocused();
    await keyboard.type(text);
    await expect(palette.entry(entry).first()).toBeVisible();
    await keyboard.press('Enter');
    await expect(palette.field).toBeHidden();
  };
  await choose('birch', /^Birch/);
  await expect(title).toContainText('Birch');
  await choose('certif', /^Certificates/);
  await expect(title).toHaveText('Certificates');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await choose('dark', /^Use dark colours/);
  await expect.poll(background).not.toBe(light);
  await choose('russian', /^Switch to Russian/);
  await expect(title).toHaveText('Сертификаты');
  await keyboard.press('g');
  await keyboard.press('s');
  await expect(title).toHaveText('Серверы');
});
