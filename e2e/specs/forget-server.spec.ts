import { jobView, rehearsalRequest } from '#contract/api/jobs.ts';
import { jobOf, requestKey, servers, settled } from '../fixtures/farm-calls.ts';
import { farmCli } from '../fixtures/farm-cli.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import { until } from '../fixtures/program.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, localAgent, openFolder, stopAgent } from '../fixtures/test-farm.ts';
import { changesList, drawnLines } from '../pages/changes-list.ts';
import { frame } from '../pages/frame.ts';
import { jobPage } from '../pages/job-page.ts';

test('a server whose agent does not answer is forgotten after a question, and is gone from the list', async ({ farm, page }) => {
  const folder = openFolder('farm-forget-');
  const program = farm.program();
  const job = jobPage(page);
  try {
    const agent = localAgent(folder, { name: 'hazel', ports: await freePorts(3) });
    const { linkPort } = await agent.start();
    const { id: serverId } = await farmCli(farm.home).addServer('Hazel', `127.0.0.1:${linkPort}`, await agent.code());
    await stopAgent(agent, 'SIGKILL');
    const act = rehearsalRequest.parse({ type: 'remove-server', serverId });
    const begun = jobView.parse(await program.call('POST', '/jobs', { requestKey: requestKey(), act }));
    expect(await settled(program, begun.id)).toMatchObject({ state: 'stopped', failure: { code: 'SERVER_UNREACHABLE' } });
    // what exists is looked for once it stands still
    const looked = async () => ((await jobOf(program, begun.id)).traces.length > 0 ? true : undefined);
    await until('the stopped removal says what exists', looked, 20_000);
    const stopped = await jobOf(program, begun.id);

    await frame(page).goTo(`/jobs/${begun.id}`);
    await job.forget.click();
    await expect(job.dialog).toContainText('Forget Hazel?');
    await expect(job.dialog).toContainText('to have Hazel back, you add it again with a new code');
    await expect
      .poll(() => drawnLines(changesList(job.dialog)))
      .toContainEqual({ title: 'Its agent', says: expect.stringMatching(/^The farm forgets its key and does not call it again\./) });
    await expectAccessible(page);
    await picture(page, 'forget-1-question');
    await job.keepAsItIs.click();
    await expect(job.dialog).toHaveCount(0);
    expect(await jobOf(program, begun.id)).toEqual(stopped);
    expect((await servers(program)).find(({ id }) => id === serverId)?.condition.code).toBe('leaving');

    await job.forget.click();
    await job.confirmForget('Hazel').click();
    await expect(job.verdict('Hazel is no longer in the farm')).toBeVisible({ timeout: 30_000 });
    await expect(job.proof.filter({ hasText: 'Hazel' }).first()).toBeVisible();
    await picture(page, 'forget-2-gone');
    await frame(page).go('Servers');
    await expect(page.getByRole('main').getByText('Hazel')).toHaveCount(0);
    expect((await servers(program)).map(({ name }) => name)).not.toContain('Hazel');
  } finally {
    await endFolder(folder);
  }
});
