import { visitAsCustomer } from '../fixtures/customer.ts';
import { createInstance, findInstance, settled } from '../fixtures/farm-calls.ts';
import { expect, picture, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

test('a person chooses another server than the proposed one, and the instance stands there', async ({ page }) => {
  const wizard = newInstancePage(page);
  await frame(page).goTo('/instances/new');
  await wizard.application('Plain website').click();
  await wizard.name.fill('frida');
  await expect(wizard.servers.first()).toHaveAttribute('aria-checked', 'true');
  const last = wizard.servers.last();
  const server = (await last.innerText()).split('\n')[0] ?? '';
  await last.click();
  await expect(wizard.changes).toContainText(`frida.farm.localhost leads to ${server}`);
  await wizard.create('frida').click();
  await expect(wizard.ready('frida')).toBeVisible({ timeout: 30_000 });
  await wizard.done.click();
  await expect(page.getByRole('definition').getByRole('link', { name: server })).toBeVisible();
});

test('a suspended customer’s visitors read why, in their language, until it is resumed', async ({ farm, page }) => {
  const customer = { name: 'Гриша', language: 'ru' };
  await settled(farm.program(), (await createInstance(farm.program(), 'grisha', { customer })).id);
  const { url } = await findInstance(farm.program(), 'grisha');
  const one = instancePage(page);
  await frame(page).goTo('/instances/grisha');
  await one.act('Suspend').click();
  await expect(one.dialog).toContainText('Visitors of grisha.farm.localhost see a page that says it is suspended');
  await one.confirm('Suspend grisha').click();
  await expect(one.title('grisha Suspended')).toBeVisible();
  await picture(page, 'acts-1-suspended');

  const visitor = await visitAsCustomer(farm.browser, url);
  await expect(visitor.getByRole('heading', { name: 'Приостановлено' })).toBeVisible();
  await expect(visitor.getByText(/[0-9a-z-]{6,}/i).last()).toBeVisible();
  await picture(visitor, 'acts-2-visitor');

  await one.act('Resume').click();
  await expect(one.title('grisha Running')).toBeVisible();
  expect((await visitor.goto(url))?.status()).toBe(200);
  await expect(visitor.getByRole('heading', { name: 'Приостановлено' })).toHaveCount(0);
  await visitor.context().close();
});
