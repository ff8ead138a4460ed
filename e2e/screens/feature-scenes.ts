import type { Page } from 'playwright-core';
import type { Scene } from './scenes.ts';

const drawn = async (page: Page): Promise<void> => {
  await page.locator('.u-over').first().waitFor();
};
const tab = (place: number) => async (page: Page) => {
  await page.getByRole('tab').nth(place).click();
};
const more = (item: number) => async (page: Page) => {
  await page.locator('.page-head .actions .button.is-icon').last().click();
  await page.locator('[role="menu"] [role="menuitem"]').nth(item).click();
  await page.getByRole('dialog').waitFor();
};
const filled = async (page: Page): Promise<void> => {
  const fields = page.locator('.wizard-fields input');
  await fields.nth(0).fill('nora');
  await fields.nth(1).fill('Нора Яковлева');
  await page.locator('.field-says[data-state="good"]').first().waitFor();
};

const join = (code: string) => async (page: Page) => {
  const fields = page.locator('.wizard-fields input');
  await fields.nth(0).fill('203.0.113.77');
  await fields.nth(1).fill(code);
  await page.locator('.wizard-foot button[type="submit"]').click();
};
const joined = async (page: Page): Promise<void> => {
  await join('7KQ4MX2P00001111AAAA2222')(page);
  await page.locator('.key-words').waitFor();
};
const askedToTakeOut = async (page: Page): Promise<void> => {
  await joined(page);
  await page.locator('.handover-look .button').click();
  await page.getByRole('dialog').waitFor();
};

const asking = async (page: Page): Promise<void> => {
  await filled(page);
  await page.getByRole('radio').nth(1).click({ force: true });
  await page.locator('.banner').first().waitFor();
};

const addresses = (text: string) => async (page: Page) => {
  await more(1)(page);
  await page.getByRole('dialog').locator('textarea').fill(text);
};

/** Screens of instances, servers, certificates and domains in the states that a click leads to. */
export const featureScenes: readonly Scene[] = [
  { name: 'instance-drawn', path: '/instances/anna', farm: 'attention', act: drawn },
  { name: 'instance-log', path: '/instances/anna', farm: 'attention', act: tab(1) },
  { name: 'instance-history', path: '/instances/anna', farm: 'attention', act: tab(2) },
  { name: 'instance-broken', path: '/instances/kestrel-5', farm: 'attention', act: drawn },
  { name: 'instance-suspended', path: '/instances/beacon-2', farm: 'attention', act: drawn },
  { name: 'instance-remove-asked', path: '/instances/anna', farm: 'attention', act: more(3) },
  {
    name: 'instance-handed',
    path: '/instances/anna',
    farm: 'attention',
    act: async (page) => {
      await more(0)(page);
      await page.getByRole('dialog').getByRole('button').last().click();
      await page.locator('.handover').waitFor();
    },
  },
  { name: 'new-instance-filled', path: '/instances/new', farm: 'attention', act: filled },
  { name: 'new-instance-asks', path: '/instances/new', farm: 'attention', act: asking },
  {
    name: 'new-instance-asks-what',
    path: '/instances/new',
    farm: 'attention',
    act: async (page) => {
      await asking(page);
      await page.locator('.banner .button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'settings-reach',
    path: '/settings',
    farm: 'attention',
    act: async (page) => {
      await page.locator('#settings-reach .button').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'new-instance-running',
    path: '/instances/new',
    farm: 'attention',
    act: async (page) => {
      await filled(page);
      await page.locator('.wizard-foot button[type="submit"]').click();
      await page.locator('.steps').waitFor();
    },
  },
  {
    name: 'instances-selected',
    path: '/instances',
    farm: 'many',
    act: async (page) => {
      for (const row of [1, 3, 4]) await page.locator('.table-row input[type="checkbox"]').nth(row).click({ force: true });
      await page.locator('.table-row').nth(6).hover();
    },
  },
  {
    name: 'instances-nothing',
    path: '/instances',
    farm: 'attention',
    act: async (page) => {
      await page.locator('input[type="search"]').fill('zzzz');
      await page.locator('.empty').waitFor();
    },
  },
  { name: 'server-drawn', path: '/servers/Hazel', farm: 'attention', act: drawn },
  { name: 'server-instances', path: '/servers/Hazel', farm: 'attention', act: tab(1) },
  { name: 'server-facts', path: '/servers/Hazel', farm: 'attention', act: tab(2) },
  { name: 'server-lost', path: '/servers/Birch%204', farm: 'many', act: drawn },
  { name: 'server-demo', path: '/servers', farm: 'one' },
  { name: 'server-rename', path: '/servers/Hazel', farm: 'attention', act: more(0) },
  {
    name: 'add-server-refused',
    path: '/servers/add',
    farm: 'attention',
    act: async (page) => {
      await join('7KQ4MX2P00001111AAAAZZZZ')(page);
      await page.locator('.verdict').waitFor();
    },
  },
  { name: 'server-addresses', path: '/servers/Oak', farm: 'attention', act: addresses('203.0.113.9\noak.example') },
  { name: 'server-addresses-inside', path: '/servers/Oak', farm: 'attention', act: addresses('203.0.113.9\n10.0.0.5\nfd00::7') },
  { name: 'server-added', path: '/servers/add', farm: 'attention', act: joined },
  { name: 'server-differs', path: '/servers/add', farm: 'attention', act: askedToTakeOut },
  {
    name: 'server-taken-out',
    path: '/servers/add',
    farm: 'attention',
    act: async (page) => {
      await askedToTakeOut(page);
      await page.getByRole('dialog').locator('.button').last().click();
      await page.locator('.wizard-fields .banner').waitFor();
    },
  },
  {
    name: 'add-domain',
    path: '/domains',
    farm: 'attention',
    act: async (page) => {
      await page.locator('.page-head .actions .button').click();
      await page.locator('.wizard-fields input').first().fill('shop example');
    },
  },
  {
    name: 'new-key',
    path: '/domains',
    farm: 'many',
    act: async (page) => {
      await page.locator('.section-head .button').first().click();
      await page.locator('.dialog input').first().fill('0123456789abcdef');
    },
  },
  { name: 'domain-zone', path: '/domains', farm: 'quiet' },
  { name: 'domain-zone', path: '/domains', farm: 'attention' },
  { name: 'domain-zone', path: '/domains', farm: 'silentZone' },
  {
    name: 'keep-wildcard',
    path: '/domains',
    farm: 'quiet',
    act: async (page) => {
      await page.locator('.panel-foot .button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'remove-domain',
    path: '/domains',
    farm: 'attention',
    act: async (page) => {
      await page.locator('.section-head .button').last().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'remove-domain-refused',
    path: '/domains',
    farm: 'attention',
    act: async (page) => {
      await page.locator('.section-head .button').last().click();
      await page.getByRole('dialog').locator('.button').last().click();
      await page.getByRole('dialog').locator('.banner').waitFor();
    },
  },
];
