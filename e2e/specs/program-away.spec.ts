import { windowKey } from '#contract/window-key.ts';
import { createInstance, settled } from '../fixtures/farm-calls.ts';
import { expect, picture, test } from '../fixtures/farm-test.ts';
import { signIn } from '../fixtures/shells.ts';
import { frame } from '../pages/frame.ts';
import { instancesPage } from '../pages/instances-page.ts';

test('the program goes away and comes back: the window keeps what it knew, says how old it is, and recovers @web', async ({
  farm,
  page,
}) => {
  await settled(farm.program(), (await createInstance(farm.program(), 'dora')).id);
  await frame(page).go('Instances');
  const row = instancesPage(page).row('dora');
  await expect(row).toContainText('Running');

  await farm.stopProgram();
  await expect(frame(page).lost).toBeVisible();
  await expect(page.getByText(/Everything below is as it was at \d\d:\d\d:\d\d/)).toBeVisible();
  await expect(frame(page).freshness).toContainText(/Not connected\. What you see is from \d\d:\d\d:\d\d/);
  await expect(row).toBeVisible();
  await picture(page, 'away-1-lost');

  await farm.startProgram();
  // The session outlives the program, so the window needs no touch.
  await expect(frame(page).lost).toBeHidden();
  await expect(frame(page).freshness).toContainText('All 3 servers answered');
  await expect(row).toContainText('Running');
});

for (const lost of ['cookie', 'key'] as const)
  test(`a window whose session is over (no ${lost}) says so, and goes on when the person has opened the program again @web`, async ({
    farm,
    page,
  }) => {
    if (lost === 'cookie') await page.context().clearCookies();
    else await page.evaluate((name) => localStorage.removeItem(name), windowKey.storedAs);
    await farm.stopProgram();
    await farm.startProgram();
    await expect(frame(page).signedOut).toBeVisible();
    await picture(page, 'away-2-signed-out');
    const fresh = await page.context().newPage();
    await signIn(fresh, farm.program());
    await expect(frame(page).signedOut).toBeHidden();
    await expect(frame(page).freshness).toContainText('All 3 servers answered');
  });
