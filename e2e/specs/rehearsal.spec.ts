import * as z from 'zod';
import { domainView } from '#contract/api/domains.ts';
import { rehearsedChange, type RehearsalRequest } from '#contract/api/jobs.ts';
import { packageId } from '#contract/ids.ts';
import { createInstance, findInstance, servers, settled } from '../fixtures/farm-calls.ts';
import { expect, test } from '../fixtures/farm-test.ts';
import { farm as farmCommand, type Program } from '../fixtures/program.ts';
import { changesList, drawnLines, type Line } from '../pages/changes-list.ts';
import { domainsPage } from '../pages/domains-page.ts';
import { frame } from '../pages/frame.ts';
import { instancePage } from '../pages/instance-page.ts';
import { newInstancePage } from '../pages/new-instance-page.ts';
import { serverPage } from '../pages/server-page.ts';

type Language = 'en' | 'ru';

async function saidByRest(program: Program, act: RehearsalRequest, language: Language): Promise<readonly Line[]> {
  const { changes } = z
    .object({ changes: z.array(rehearsedChange) })
    .parse(await program.call('POST', '/jobs/rehearsals', { act, language }));
  return changes.map(({ title, says }) => ({ title, says }));
}

/** As a person reads it: a title, and below it its sentence. */
async function saidByCommand(home: string, words: readonly string[], language: Language): Promise<readonly Line[]> {
  const { code, out, error } = await farmCommand(home, ...words, '--dry-run', '--language', language);
  if (code !== 0) throw new Error(`farm ${words.join(' ')} --dry-run ended with ${code}: ${out}${error}`);
  return [...out.matchAll(/^ {2}(\S.*)\n {4}(\S.*)$/gm)].map(([, title = '', says = '']) => ({ title, says }));
}

/** What REST and the command line both say; what the command line adds at the end of it stands in `more`. */
async function saidOutside(program: Program, act: RehearsalRequest, words: readonly string[], language: Language = 'en') {
  const [rest, command] = await Promise.all([saidByRest(program, act, language), saidByCommand(program.home, words, language)]);
  expect(rest.length).toBeGreaterThan(1);
  expect(command.slice(0, rest.length)).toEqual(rest);
  return { rest, more: command.slice(rest.length) };
}

const theDomain = async (program: Program, name: string) => {
  const { domains } = z.object({ domains: z.array(domainView) }).parse(await program.call('GET', '/domains'));
  const found = domains.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no domain ${name}`);
  return found;
};

test('the wizard lists what it will change in the words of REST and the command line', async ({ farm, page }) => {
  const program = farm.program();
  const wizard = newInstancePage(page);
  await frame(page).goTo('/instances/new');
  await wizard.application('Plain website').click();
  await wizard.name.fill('nora');
  await wizard.customer.fill('Нора Лунд');
  const last = wizard.servers.last();
  const server = (await last.innerText()).split('\n')[0] ?? '';
  await last.click();
  const { id: serverId } = (await servers(program)).find(({ name }) => name === server) ?? {};
  if (serverId === undefined) throw new Error(`no server ${server}`);
  const customer = { name: 'Нора Лунд' };
  const act = { type: 'create', name: 'nora', packageId: packageId.parse('static-site'), serverId, customer } as const;
  const words = ['instances', 'create', '--name', 'nora', '--package', 'static-site', '--server', server, '--customer', customer.name];
  const { rest, more } = await saidOutside(program, act, words);
  // the last line says what stays
  expect(more).toHaveLength(1);
  await expect.poll(() => drawnLines(wizard.changes)).toEqual([...rest, ...more]);
});

test('each dialog lists what it will change in the words of REST and the command line', async ({ farm, page }) => {
  const program = farm.program();
  await settled(program, (await createInstance(program, 'olga')).id);
  const { id: instanceId, server: its } = await findInstance(program, 'olga');
  const empty = (await servers(program)).find(({ name }) => name !== its?.name);
  if (empty === undefined) throw new Error('no server without an instance');
  const { id: domainId } = await theDomain(program, 'farm.localhost');
  const [one, server, domains] = [instancePage(page), serverPage(page), domainsPage(page)];
  const asks: readonly { readonly act: RehearsalRequest; readonly words: readonly string[]; readonly open: () => Promise<void> }[] = [
    {
      act: { type: 'suspend', instanceId },
      words: ['instances', 'suspend', 'olga'],
      open: async () => {
        await frame(page).goTo('/instances/olga');
        await one.act('Suspend').click();
      },
    },
    { act: { type: 'stop', instanceId }, words: ['instances', 'stop', 'olga'], open: () => one.more('Stop') },
    { act: { type: 'remove', instanceId }, words: ['instances', 'remove', 'olga'], open: () => one.more('Remove') },
    {
      act: { type: 'remove-server', serverId: empty.id },
      words: ['servers', 'remove', empty.name],
      open: async () => {
        await frame(page).goTo(`/servers/${empty.name}`);
        await server.askToRemove();
      },
    },
    {
      act: { type: 'remove-domain', domainId },
      words: ['domains', 'remove', 'farm.localhost'],
      open: async () => {
        await frame(page).go('Domains');
        await domains.askToRemove('farm.localhost');
      },
    },
  ];
  for (const { act, words, open } of asks) {
    const [{ rest, more }] = await Promise.all([saidOutside(program, act, words), open()]);
    expect(more, act.type).toEqual([]);
    await expect.poll(() => drawnLines(changesList(page.getByRole('dialog'))), act.type).toEqual(rest);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
});

test('a window in another language lists them in that language, as the command line does @web', async ({ farm }) => {
  const program = farm.program();
  await settled(program, (await createInstance(program, 'pavel')).id);
  const { id: instanceId } = await findInstance(program, 'pavel');
  const page = await farm.openWindow({ locale: 'ru-RU' });
  await frame(page).goTo('/instances/pavel');
  await page.getByRole('main').getByRole('button', { name: 'Приостановить', exact: true }).first().click();
  const { rest } = await saidOutside(program, { type: 'suspend', instanceId }, ['instances', 'suspend', 'pavel'], 'ru');
  for (const { says } of rest) expect(says).toMatch(/[а-я]/);
  await expect.poll(() => drawnLines(changesList(page.getByRole('dialog')))).toEqual(rest);
});
