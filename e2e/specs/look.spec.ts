import { createInstance, newestJob, settled } from '../fixtures/farm-calls.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';
import { settingsPage } from '../pages/settings-page.ts';

test('colours and language are chosen in the settings, hold at once and stay', async ({ page }) => {
  const settings = settingsPage(page);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await frame(page).go('Settings');
  const light = await background();
  await settings.colours('Dark').click();
  await expect.poll(background).not.toBe(light);
  await settings.chooseLanguage('Language', 'Русский');
  await expect(frame(page).title).toHaveText('Настройки');
  await picture(page, 'look-1-settings-dark-ru');
  const dark = await background();
  await page.reload();
  await expect(frame(page).title).toHaveText('Настройки');
  expect(await background()).toBe(dark);
  await settings.chooseLanguage('Язык', 'English');
  await expect(frame(page).title).toHaveText('Settings');
});

for (const look of [
  { colorScheme: 'light', locale: 'en-GB' },
  { colorScheme: 'dark', locale: 'ru-RU' },
] as const) {
  test(`every main screen with real data is accessible, ${look.colorScheme}, ${look.locale}`, async ({ farm }) => {
    await settled(farm.program(), (await createInstance(farm.program(), 'hanna', { customer: { name: 'Hanna Weiß', language: 'en' } })).id);
    const job = await newestJob(farm.program());
    const page = await farm.openWindow(look);
    const paths = ['/', '/instances', '/instances/hanna', '/instances/new', '/servers', '/servers/Alder', '/servers/add'];
    const others = ['/certificates', '/domains', '/jobs', `/jobs/${job.id}`, '/alerts', '/settings'];
    for (const path of [...paths, ...others]) {
      await test.step(path, async () => {
        await frame(page).goTo(path);
        // Real data: nothing is still being fetched.
        await expect(page.locator('.skeleton-rows, .skeleton')).toHaveCount(0);
        await picture(page, `screens${path.replace(job.id, 'one').replaceAll('/', '-')}-${look.colorScheme}`);
        await expectAccessible(page);
      });
    }
  });
}

test('sizes that are made up for the demo are called simulated', async ({ page }) => {
  await frame(page).go('Servers');
  const rows = page.getByRole('grid', { name: 'Servers' }).getByRole('row').filter({ hasText: 'Ready' });
  await expect(rows).toHaveCount(3);
  for (const row of await rows.all()) await expect(row).toContainText('simulated');
  await expect(page.getByText('the size of the server is made up for the demo farm; its load is measured')).toBeVisible();
});
