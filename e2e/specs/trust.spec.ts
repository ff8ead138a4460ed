import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openBrowser } from '../fixtures/browsers.ts';
import { createInstance, findInstance, settled } from '../fixtures/farm-calls.ts';
import { expect, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';

test('a browser is refused until it trusts the file that the program gives, and is served from then on', async ({ farm, page }) => {
  await settled(farm.program(), (await createInstance(farm.program(), 'jana')).id);
  const { url } = await findInstance(farm.program(), 'jana');

  const stranger = await openBrowser({});
  const visitor = await stranger.browser.newPage();
  await expect(visitor.goto(url)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
  await stranger.close();

  await frame(page).go('Certificates');
  const begun = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the site authority' }).click();
  const download = await begun;
  const pem = readFileSync(await download.path(), 'utf8');
  const certificate = new X509Certificate(pem);
  expect(certificate.ca).toBe(true);
  expect(pem).not.toContain('PRIVATE KEY');
  await expect(page.getByText(`Saved as ${download.suggestedFilename()}.`)).toBeVisible();

  const friend = await openBrowser({ downloaded: pem });
  const guest = await friend.browser.newPage();
  expect((await guest.goto(url))?.status()).toBe(200);
  await friend.close();
});
