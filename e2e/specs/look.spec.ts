import { pathToFileURL } from 'node:url';
import { redirectFile, startAgain } from '../fixtures/shells.ts';
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

test('the language that the program is started with is the window’s, until another is chosen in it', async ({ farm, shellName }) => {
  test.skip(shellName !== 'web', 'the desktop takes it from its own command line');
  const { program, browser } = farm;
  await startAgain(program(), '--language', 'ru');
  // An English browser, in which nothing was ever chosen.
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(pathToFileURL(redirectFile(farm.home)).href);
  await page.waitForURL(`${program().link.origin}/**`);
  await frame(page).goTo('/settings');
  await expect(frame(page).title).toHaveText('Настройки');
  expect(new URL(page.url()).search).toBe('');
  await page.reload();
  await expect(frame(page).title).toHaveText('Настройки');
  await settingsPage(page).chooseLanguage('Язык', 'English');
  await expect(frame(page).title).toHaveText('Settings');
  await page.reload();
  await expect(frame(page).title).toHaveText('Settings');
  // Asked for again it wins over what was chosen, and a language that nobody knows does nothing.
  for (const [query, title] of [
    ['?language=ru', 'Настройки'],
    ['?language=de', 'Настройки'],
    ['?language=en', 'Settings'],
  ]) {
    await page.goto(`${program().link.origin}/${query}#/settings`);
    await expect(frame(page).title).toHaveText(title ?? '');
    expect(new URL(page.url()).search).toBe('');
  }
  await context.close();
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
