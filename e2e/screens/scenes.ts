import type { Page } from 'playwright-core';
import { pausedJob, jobIdOf, runningJob, stoppedJob } from '#contract/testing/made-up-farm/jobs.ts';
import type { FarmName } from '#contract/testing/made-up-farm/farms.ts';
import { featureScenes } from './feature-scenes.ts';
import { uuid } from '#contract/testing/made-up-farm/numbers.ts';

/** One picture: a page of the window over a made-up farm, perhaps with something opened. */
export type Scene = {
  readonly name: string;
  readonly path: string;
  readonly farm: FarmName;
  readonly act?: (page: Page) => Promise<void>;
};

const press = (keys: string) => async (page: Page) => {
  await page.locator('main h1').first().waitFor();
  await page.keyboard.press(keys);
  await page.getByRole('dialog').waitFor();
};

const pages = [
  ['instances', '/instances'],
  ['servers', '/servers'],
  ['certificates', '/certificates'],
  ['domains', '/domains'],
  ['jobs', '/jobs'],
  ['alerts', '/alerts'],
  ['settings', '/settings'],
] as const;

const desks = (['empty', 'one', 'quiet', 'attention', 'many', 'cut'] as const).map((farm): Scene => ({ name: 'desk', path: '/', farm }));
const lists = pages.flatMap(([name, path]) => (['empty', 'one', 'many', 'refusing'] as const).map((farm): Scene => ({ name, path, farm })));

/** Every screen in every state that it can be in. */
export const scenes: readonly Scene[] = [
  { name: 'first-run', path: '/first-run', farm: 'none' },
  { name: 'first-run-mac', path: '/first-run', farm: 'noneOnMac' },
  {
    name: 'start-farm',
    path: '/first-run',
    farm: 'none',
    act: async (page) => {
      await page.locator('.fr-choice').first().click();
      await page.locator('form input').first().fill('Brightwater');
    },
  },
  { name: 'demo-start', path: '/first-run', farm: 'demo' },
  { name: 'demo-failed', path: '/first-run', farm: 'demoFailed' },
  ...desks,
  ...lists,
  ...featureScenes,
  { name: 'instances', path: '/instances', farm: 'attention' },
  { name: 'servers', path: '/servers', farm: 'attention' },
  { name: 'jobs', path: '/jobs', farm: 'attention' },
  { name: 'alerts', path: '/alerts', farm: 'attention' },
  { name: 'instance', path: '/instances/anna', farm: 'attention' },
  { name: 'instance', path: '/instances/anna', farm: 'refusing' },
  { name: 'instance-missing', path: '/instances/nobody', farm: 'attention' },
  { name: 'new-instance', path: '/instances/new', farm: 'attention' },
  { name: 'new-instance', path: '/instances/new', farm: 'empty' },
  { name: 'server', path: '/servers/Hazel', farm: 'attention' },
  { name: 'add-server', path: '/servers/add', farm: 'attention' },
  { name: 'job-running', path: `/jobs/${runningJob.id}`, farm: 'attention' },
  { name: 'job-stopped', path: `/jobs/${stoppedJob.id}`, farm: 'attention' },
  { name: 'job-held', path: `/jobs/${pausedJob.id}`, farm: 'attention' },
  { name: 'job-done', path: `/jobs/${jobIdOf(903)}`, farm: 'attention' },
  { name: 'job-removed', path: `/jobs/${jobIdOf(904)}`, farm: 'attention' },
  { name: 'job-undone', path: `/jobs/${jobIdOf(905)}`, farm: 'attention' },
  { name: 'job-missing', path: `/jobs/${uuid(4, 77)}`, farm: 'attention' },
  {
    name: 'job-undo-asked',
    path: `/jobs/${stoppedJob.id}`,
    farm: 'attention',
    act: async (page) => {
      await page.locator('.verdict-acts button').nth(1).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'palette', path: '/', farm: 'attention', act: press('Control+k') },
  {
    name: 'palette-found',
    path: '/',
    farm: 'attention',
    act: async (page) => {
      await press('Control+k')(page);
      await page.keyboard.type('kest');
      await page.locator('.palette-item mark').first().waitFor();
    },
  },
  { name: 'keys', path: '/', farm: 'attention', act: press('?') },
  { name: 'tray', path: '/servers', farm: 'attention', act: (page) => page.locator('.tray-button').click() },
  {
    name: 'demo-remove-asked',
    path: '/settings',
    farm: 'one',
    act: async (page) => {
      await page.locator('#settings-demo .button').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'no-such-page', path: '/nowhere', farm: 'attention' },
];
