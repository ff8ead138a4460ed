import { readFile } from 'node:fs/promises';
import { createInstance, findInstance, removeInstance, requestKey, settled } from '../fixtures/farm-calls.ts';
import { expect, picture, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

test('the page of an instance follows it by itself: what others do, the program that goes and comes back, its end @web', async ({
  farm,
  page,
}) => {
  await settled(farm.program(), (await createInstance(farm.program(), 'livia')).id);
  const { id } = await findInstance(farm.program(), 'livia');
  const one = instancePage(page);
  await frame(page).goTo('/instances/livia');
  await expect(one.title('livia Running')).toBeVisible();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(one.log('livia')).toContainText('Creating begins, asked for by');
  await expect(one.log('livia')).toContainText('started pid=');

  await farm.program().call('POST', `/instances/${id}/suspend`, { requestKey: requestKey() });
  await expect(one.title('livia Suspended')).toBeVisible({ timeout: 15_000 });
  await expect(one.log('livia')).toContainText('Suspended by');
  await page.getByRole('radiogroup', { name: 'Whose lines' }).getByText('Farm').click();
  await expect(one.log('livia')).not.toContainText('started pid=');
  await picture(page, 'live-1-log');

  await farm.stopProgram();
  await expect(frame(page).lost).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('livia');
  await expect(one.log('livia')).toContainText('Suspended by');
  await farm.startProgram();
  await expect(frame(page).lost).toBeHidden();
  await farm.program().call('POST', `/instances/${id}/resume`, { requestKey: requestKey() });
  await expect(one.title('livia Running')).toBeVisible();
  await expect(one.log('livia')).toContainText('Resumed by');
  // nothing is told twice after the cut
  expect((await one.log('livia').innerText()).match(/Suspended by/g)).toHaveLength(1);

  await removeInstance(farm.program(), id);
  await expect(page.getByText('This instance is not in the farm')).toBeVisible();
  await picture(page, 'live-2-gone');
});

test('what will change is taken along as a file that can be read without the program', async ({ page }) => {
  const wizard = newInstancePage(page);
  await frame(page).goTo('/instances/new');
  await wizard.name.fill('mira');
  await expect(wizard.changes).toContainText('mira.farm.localhost leads to');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save what will change as a file' }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe('mira, what will change.txt');
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toMatch(/^New instance\nmira\.farm\.localhost\n/);
  expect(text).toContain('Farm: Demo farm\n');
  expect(text).toMatch(/\n\nWhy \w+\n {2}\S/);
});
