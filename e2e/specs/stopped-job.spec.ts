import { findInstance, instances, visit } from '../fixtures/farm-calls.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import type { RunningFarm } from '../fixtures/running-farm.ts';
import { frame } from '../pages/frame.ts';
import { instancesPage } from '../pages/instances-page.ts';
import { jobPage } from '../pages/job-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';

/** Creates an instance in the wizard of a program that dies at a step; answers with a window of the program that was started after it. */
async function cutCreate(farm: RunningFarm, name: string, point: string) {
  await farm.stopProgram();
  await farm.startProgram({ FARM_FAIL_POINT: point });
  const page = await farm.openWindow();
  const wizard = newInstancePage(page);
  await frame(page).goTo('/instances/new');
  await wizard.application('Plain website').click();
  await wizard.name.fill(name);
  const dying = farm.program().ended;
  await wizard.create(name).click();
  expect((await dying).signal).toBe('SIGKILL');
  await expect(frame(page).lost).toBeVisible();
  await picture(page, `stopped-0-${name}`);
  await farm.startProgram();
  return farm.openWindow();
}

test('a program that died in the middle: the desk says so, and Continue ends the job', async ({ farm }) => {
  const page = await cutCreate(farm, 'bruno', 'create.start.after');
  const job = jobPage(page);
  await frame(page).goTo('/');
  await expect(frame(page).title).toHaveText('1 thing needs attention');
  await expect(page.getByText('Creating bruno stopped at step 6 of 9')).toBeVisible();
  await picture(page, 'stopped-1-desk');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Continue or undo' }).click();
  await expect(job.verdict('Interrupted at “Start”')).toBeVisible();
  await expect(page.getByText(/^The program ended in the middle of this step/)).toBeVisible();
  await expect(job.undo).toBeEnabled();
  await picture(page, 'stopped-2-job');
  await expectAccessible(page);
  await job.goOn.click();
  await expect(job.verdict('bruno works at its address')).toBeVisible({ timeout: 30_000 });
  const { url } = await findInstance(farm.program(), 'bruno');
  expect((await visit(url, farm.authorityPem)).status).toBe(200);
  await frame(page).go('Desk');
  await expect(frame(page).title).toHaveText('Nothing needs attention');
});

test('a program that died in the middle: Undo everything leaves nothing', async ({ farm }) => {
  const page = await cutCreate(farm, 'clara', 'create.route.before');
  const job = jobPage(page);
  await frame(page).goTo('/jobs');
  await page.getByRole('link', { name: /clara/ }).click();
  await job.undo.click();
  await job.confirmUndo.click();
  await expect(job.verdict('Everything was undone')).toBeVisible({ timeout: 30_000 });
  await expect(job.proof.filter({ hasText: 'No process on' })).toHaveCount(1);
  await picture(page, 'stopped-3-undone');
  await frame(page).go('Instances');
  await expect(instancesPage(page).empty).toBeVisible();
  expect(await instances(farm.program())).toEqual([]);
});
