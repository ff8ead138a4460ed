import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from '../fixtures/browsers.ts';
import { bareTest, expect, expectAccessible, lookAt, picture } from '../fixtures/farm-test.ts';
import { packagesFolder } from '../fixtures/own-packages.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { shells } from '../fixtures/shells.ts';
import { processesOf, sweep } from '../fixtures/sweep.ts';
import { firstRunPage } from '../pages/first-run-page.ts';
import { frame } from '../pages/frame.ts';
import { settingsPage } from '../pages/settings-page.ts';

bareTest('the first start leads to a demo farm by one button, and it goes away without a trace', async ({ shellName }) => {
  const home = mkdtempSync(join(tmpdir(), 'farm-first-'));
  const { browser, close } = await openBrowser({});
  const shell = await shells[shellName]({ home }, () => browser);
  try {
    const page = await shell.openWindow();
    const first = firstRunPage(page);
    const settings = settingsPage(page);
    await expect(first.title).toBeVisible();
    expect((await lookAt(page)).place).toBe('#/first-run');
    await expectAccessible(page);
    await picture(page, 'first-1-choices');
    const before = sweep(home);

    await first.demo.click();
    await expect(first.steps.filter({ hasText: 'Starting three agents on this computer' })).toBeVisible();
    await picture(page, 'first-2-steps');
    await expect(frame(page).title).toHaveText('The farm is ready for its first customer', { timeout: 40_000 });
    await expect(frame(page).freshness).toContainText('All 3 servers answered');
    await picture(page, 'first-3-desk');
    await expectAccessible(page);
    expect(processesOf(home).filter(({ command }) => /agent\.cjs/.test(command))).toHaveLength(3);

    await frame(page).go('Settings');
    await settings.removeDemo.click();
    await settings.dialog.getByRole('textbox').fill('Demo farm');
    await settings.dialog.getByRole('button', { name: 'Remove the demo farm' }).click();
    await expect(first.title).toBeVisible({ timeout: 30_000 });
    await picture(page, 'first-4-gone');
    expect(sweep(home)).toEqual(before);
  } finally {
    await shell.close();
    await close();
    await endFolder(home);
  }
});

// @web: the desktop has one window.
bareTest('a demo farm that did not start says why in every window, and any of them starts it again @web', async ({ shellName }) => {
  const folder = mkdtempSync(join(tmpdir(), 'farm-first-stopped-'));
  const packages = packagesFolder(folder);
  const manifest = join(packages, 'static-site', 'manifest.json');
  const whole = readFileSync(manifest);
  writeFileSync(manifest, '{');
  const home = join(folder, 'home');
  const { browser, close } = await openBrowser({});
  const shell = await shells[shellName]({ home, environment: { FARM_PACKAGES: packages } }, () => browser);
  try {
    const asking = await shell.openWindow();
    await firstRunPage(asking).demo.click();
    await expect(firstRunPage(asking).stopped).toContainText('The package static-site cannot be read');
    // The farm is there by now, if half made, so a window begins at its desk.
    const later = await shell.openWindow();
    await expect(later.getByRole('alert')).toContainText('The package static-site cannot be read');
    await later.getByRole('link', { name: 'See what to do' }).click();
    for (const page of [asking, later]) {
      const { stopped, again, remove } = firstRunPage(page);
      await expect(stopped).toContainText('The package static-site cannot be read');
      await expect(again).toBeEnabled();
      await expect(remove).toBeEnabled();
    }
    await later.reload();
    await expect(firstRunPage(later).stopped).toContainText('The package static-site cannot be read');
    await expectAccessible(later);
    await picture(later, 'first-5-stopped');

    writeFileSync(manifest, whole);
    await firstRunPage(later).again.click();
    await expect(frame(later).title).toHaveText('The farm is ready for its first customer', { timeout: 40_000 });
    await expect(firstRunPage(asking).stopped).toBeHidden();
  } finally {
    await shell.close();
    await close();
    await endFolder(home);
    rmSync(folder, { recursive: true, force: true });
  }
});
