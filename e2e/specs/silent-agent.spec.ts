import { createInstance, findInstance, settled, visit } from '../fixtures/farm-calls.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import { processesOf } from '../fixtures/sweep.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';

test('an agent falls silent: the desk names it once, what is seen of its instance is called old, and visitors notice nothing', async ({
  farm,
  page,
}) => {
  await settled(farm.program(), (await createInstance(farm.program(), 'kira')).id);
  const { url, server } = await findInstance(farm.program(), 'kira');
  const name = server?.name ?? '';
  const agent = processesOf(farm.home).find(
    ({ command }) => /agent\.cjs/.test(command) && command.includes(`/agents/${name.toLowerCase()}`),
  );
  if (agent === undefined) throw new Error(`the agent of ${name} does not run`);
  await expect(frame(page).title).toHaveText('Nothing needs attention');
  process.kill(agent.processId, 'SIGSTOP');
  try {
    await expect(frame(page).title).toHaveText('1 thing needs attention', { timeout: 40_000 });
    await expect(frame(page).freshness).toContainText(`1 of 3 servers does not answer: ${name}`);
    await expect(page.getByText('If its customers’ addresses still open, it is the agent.')).toBeVisible();
    await picture(page, 'silent-1-desk');
    await expectAccessible(page);
    expect((await visit(url, farm.authorityPem)).status).toBe(200);
    await frame(page).goTo('/instances/kira');
    await expect(instancePage(page).title('kira Not seen')).toBeVisible();
    await expect(page.getByText(`We have no connection to ${name}, so we do not know. It may well be running.`)).toBeVisible();
    await picture(page, 'silent-2-instance');
  } finally {
    process.kill(agent.processId, 'SIGCONT');
  }
  await expect(instancePage(page).title('kira Running')).toBeVisible({ timeout: 30_000 });
  await frame(page).go('Desk');
  await expect(frame(page).title).toHaveText('Nothing needs attention');
  expect((await visit(url, farm.authorityPem)).status).toBe(200);
});
