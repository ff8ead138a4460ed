import * as z from 'zod';
import { servers } from '../fixtures/farm-calls.ts';
import { farmCli } from '../fixtures/farm-cli.ts';
import { expect, expectAccessible, picture, test } from '../fixtures/farm-test.ts';
import type { RealAgent } from '../fixtures/real-agent.ts';
import { endFolder } from '../fixtures/end-folder.ts';
import { freePorts, localAgent, openFolder } from '../fixtures/test-farm.ts';
import { addServerPage } from '../pages/add-server-page.ts';
import { frame } from '../pages/frame.ts';

const wordsToldBy = async (agent: RealAgent): Promise<string[]> => /^Key: (.*)$/m.exec(await agent.tell())?.[1]?.split(' ') ?? [];

test('a server joins by its code: desk, command line and server show the same four words; if they differed, it is taken out again', async ({
  farm,
  page,
}) => {
  const folder = openFolder('farm-add-');
  const form = addServerPage(page);
  try {
    const agent = localAgent(folder, { name: 'rowan', ports: await freePorts(3) });
    const { linkPort } = await agent.start();
    const code = await agent.code();
    const words = await wordsToldBy(agent);
    expect(words).toHaveLength(4);
    expect(await agent.tell()).toContain(`Pairing code: ${code}\n`);

    await frame(page).goTo('/servers/add');
    await form.add({ name: 'Rowan', address: `127.0.0.1:${linkPort}`, code });
    await expect(frame(page).title).toHaveText('Rowan is in the farm');
    await expect(frame(page).title).toBeFocused();
    await expect(form.words('Rowan')).toHaveText(words);
    await expectAccessible(page);
    await picture(page, 'add-server-1-words');
    const shown = z.object({ keyWords: z.array(z.string()) });
    expect(await farmCli(farm.home).json(shown, ['servers', 'show', 'Rowan'])).toEqual({ keyWords: words });
    expect(await agent.tell()).toMatch(/^This agent belongs to the farm Demo farm\./);
    expect(await wordsToldBy(agent)).toEqual(words);

    await frame(page).goTo('/servers/Rowan');
    await page.getByRole('tab', { name: 'This server' }).click();
    await expect(form.words('Rowan')).toHaveText(words);
    await form.whole.click();
    const { keyFingerprint = '' } = (await servers(farm.program())).find(({ name }) => name === 'Rowan') ?? {};
    await expect(page.getByText((keyFingerprint.match(/../g) ?? ['no key']).join(':'))).toBeVisible();
    await farmCli(farm.home).json(z.unknown(), ['servers', 'remove', 'Rowan', '--yes']);

    await frame(page).goTo('/servers/add');
    await form.add({ name: 'Rowan', address: `127.0.0.1:${linkPort}`, code: await agent.code() });
    await form.differ('Rowan').click();
    await expectAccessible(page);
    await form.takeOut('Rowan').click();
    await expect(frame(page).title).toHaveText('Add a server');
    await expect(page.getByText('Rowan is no longer in the farm')).toBeVisible();
    expect((await servers(farm.program())).map(({ name }) => name)).not.toContain('Rowan');
    // The agent is free again, under the key that it keeps for life.
    expect(await agent.code()).not.toBe(code);
    expect(await wordsToldBy(agent)).toEqual(words);
  } finally {
    await endFolder(folder);
  }
});
