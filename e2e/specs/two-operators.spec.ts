import { expect, picture, test } from '../fixtures/farm-test.ts';
import { signIn, startAgain } from '../fixtures/shells.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { instancesPage } from '../pages/instances-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

test('what one operator does, the other sees at once @web', async ({ farm, page }) => {
  // A second start of the program shows the first one again, in whatever browser opens the file.
  await startAgain(farm.program());
  const context = await farm.browser.newContext({ locale: 'en-GB' });
  const other = await context.newPage();
  await signIn(other, farm.program());

  await frame(page).go('Instances');
  const row = instancesPage(page).row('emil');
  await expect(instancesPage(page).empty).toBeVisible();

  const wizard = newInstancePage(other);
  await frame(other).goTo('/instances/new');
  await wizard.application('Plain website').click();
  await wizard.name.fill('emil');
  await wizard.create('emil').click();
  await expect(row).toBeVisible();
  await expect(row).toContainText('Running', { timeout: 30_000 });
  await expect(wizard.ready('emil')).toBeVisible();

  await page.getByRole('link', { name: 'emil', exact: true }).click();
  await frame(other).goTo('/instances/emil');
  const acting = instancePage(other);
  await acting.act('Suspend').click();
  await acting.confirm('Suspend emil').click();
  await expect(instancePage(page).title('emil Suspended')).toBeVisible();
  await picture(page, 'two-1-suspended');
  await acting.act('Resume').click();
  await expect(instancePage(page).title('emil Running')).toBeVisible();
  await context.close();
});
