import { createInstance, settled } from '../fixtures/farm-calls.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import { domainsPage } from '../pages/domains-page.ts';
import { frame } from '../pages/frame.ts';

test('a domain tells what stands in its zone, and goes when nobody needs it', async ({ farm, page }) => {
  await settled(farm.program(), (await createInstance(farm.program(), 'hugo')).id);
  const domains = domainsPage(page);
  await frame(page).go('Domains');
  await expect(domains.findings('farm.localhost')).toContainText('No wildcard record answers for names without a record');
  await expect(domains.findings('farm.localhost')).toContainText('one record for each instance, as the farm makes them');
  await expect(domains.panel('farm.localhost').getByRole('link', { name: 'hugo' })).toBeVisible();

  await domains.addBuiltin('spare.test');
  await expect(domains.findings('spare.test')).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'domains-1-two');
  await domains.askToRemove('spare.test');
  await expect(domains.dialog).toContainText('Its zone goes out of the built-in name server.');
  await domains.confirm('spare.test').click();
  await expect(domains.panel('spare.test')).toHaveCount(0);
  await expect(domains.dialog).toHaveCount(0);

  await domains.askToRemove('farm.localhost');
  await domains.confirm('farm.localhost').click();
  await expect(domains.dialog.getByRole('alert')).toContainText('farm.localhost belongs to the demo farm and goes with it.');
  await picture(page, 'domains-2-of-the-demo');
  await domains.dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(domains.panel('farm.localhost')).toBeVisible();
});
