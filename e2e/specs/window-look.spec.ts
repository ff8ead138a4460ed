import { expect, lookAt, test } from '../fixtures/farm-test.ts';
import { frame } from '../pages/frame.ts';

// What `npm run try:desktop` goes by on a computer where nobody of us looks on: here it is held against the real window.
test('the window tells a trial of the desktop its language, its theme, that it needs no region to be dragged by, and whether its link lives @web', async ({
  farm,
  page,
}) => {
  await expect(frame(page).freshness).toContainText('All 3 servers answered');
  const seen = await lookAt(page);
  expect(seen).toMatchObject({ language: 'en', theme: 'light', place: '', freshness: 'good', dragRegions: 0 });
  expect(seen.children).toBeGreaterThan(0);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(async () => (await lookAt(page)).theme).toBe('dark');

  // One is seen when there is one.
  await page.evaluate(() => document.getElementById('root')?.style.setProperty('-webkit-app-region', 'drag'));
  expect((await lookAt(page)).dragRegions).toBeGreaterThan(0);

  await farm.stopProgram();
  await expect.poll(async () => (await lookAt(page)).freshness).toBe('unknown');
  await farm.startProgram();
  await expect.poll(async () => (await lookAt(page)).freshness).toBe('good');
});
