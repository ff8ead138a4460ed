import { visitAsCustomer } from '../fixtures/customer.ts';
import { instances, servers } from '../fixtures/farm-calls.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { instancesPage } from '../pages/instances-page.ts';
import { jobPage } from '../pages/job-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

test('from a customer’s name to their application, and away again', async ({ farm, page }) => {
  const list = instancesPage(page);
  const wizard = newInstancePage(page);
  const one = instancePage(page);
  const job = jobPage(page);

  await test.step('the wizard proposes, explains and says what will change', async () => {
    await frame(page).go('Instances');
    await expect(list.empty).toBeVisible();
    await list.newInstance.click();
    await wizard.name.fill('Анна Петрова');
    await wizard.take('anna-petrova').click();
    await expect(wizard.name).toHaveValue('anna-petrova');
    await expect(page.getByText('anna-petrova.farm.localhost is free')).toBeVisible();
    await wizard.customer.fill('Анна Петрова');
    await expect(wizard.servers).toHaveCount((await servers(farm.program())).length);
    await expect(wizard.servers.first()).toHaveAccessibleName(/^\S+ Best: \d+\s% of .+ free/);
    await expect(wizard.changes).toContainText('anna-petrova.farm.localhost leads to');
    await expect(wizard.changes).toContainText('Visitors of anna-petrova.farm.localhost reach the application');
    // The servers of the demo have the wildcard already, and the farm knows it.
    await expect(wizard.changes).not.toContainText('The certificate for');
    await expect(wizard.changes).toContainText('Анна Петрова is kept with the language of the letter');
    await expectAccessible(page);
    await picture(page, 'create-1-wizard');
  });

  const handedOver = await test.step('the job runs by its steps to the hand-over', async () => {
    await wizard.create('anna-petrova').click();
    await expect(wizard.steps.getByRole('listitem')).toHaveCount(9);
    await picture(page, 'create-2-steps');
    await expect(wizard.ready('anna-petrova')).toBeVisible({ timeout: 40_000 });
    const read = await wizard.readHandOver();
    await expect(wizard.letter).toContainText(read.password);
    await picture(page, 'create-3-hand-over');
    await expectAccessible(page);
    return read;
  });

  await test.step('the customer signs in and writes, over TLS that their browser trusts', async () => {
    const customer = await visitAsCustomer(farm.browser, handedOver.url, handedOver);
    await expect(customer).toHaveTitle(/TiddlyWiki/);
    await customer.getByRole('button', { name: 'new tiddler', exact: false }).first().click();
    const title = customer.locator('input.tc-titlebar');
    await title.fill('Meeting on Monday');
    const saved = customer.waitForResponse(
      (response) => response.request().method() === 'PUT' && response.url().endsWith('/tiddlers/Meeting%20on%20Monday'),
    );
    await customer.getByRole('button', { name: 'Confirm changes to this tiddler' }).click();
    expect((await saved).status()).toBe(204);
    await customer.goto(`${handedOver.url}/#Meeting%20on%20Monday`);
    await customer.reload();
    await expect(customer.getByRole('heading', { name: 'Meeting on Monday' })).toBeVisible();
    await expect(customer.getByText(/^Draft of/)).toHaveCount(0);
    await picture(customer, 'create-4-inside');
    await customer.context().close();
  });

  await test.step('its page shows the diagnostic path, what is measured, and its log', async () => {
    await wizard.done.click();
    await expect(one.title('anna-petrova Running')).toBeVisible();
    for (const name of ['Name', 'Certificate', 'Edge', 'Application'] as const) await expect(one.check(name)).toContainText('Good');
    for (const chart of ['Answer time', 'Memory', 'Processor'] as const)
      await expect(one.chart(chart).getByRole('img')).toHaveAccessibleName(/\d/);
    await expect(one.log('anna-petrova')).toContainText('started pid=');
    await expectAccessible(page);
    await picture(page, 'create-5-instance');
  });

  await test.step('removing asks for the name, and ends in a proof', async () => {
    await one.more('Remove');
    await expect(one.confirm('Remove anna-petrova')).toBeDisabled();
    await picture(page, 'create-6-remove');
    await one.dialog.getByRole('textbox').fill('anna-petrova');
    await one.confirm('Remove anna-petrova').click();
    await expect(job.verdict('Nothing of anna-petrova is left')).toBeVisible({ timeout: 40_000 });
    for (const gone of [
      'No process on',
      'No folder on',
      'No system user on',
      'No route for',
      'has no A 127.0.0.1',
      'No entry anna-petrova',
    ])
      await expect(job.proof.filter({ hasText: gone })).toHaveCount(1);
    await expectAccessible(page);
    await picture(page, 'create-7-proof');
    await frame(page).go('Instances');
    await expect(list.empty).toBeVisible();
    expect(await instances(farm.program())).toEqual([]);
  });
});
