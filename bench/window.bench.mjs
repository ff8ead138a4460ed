/**
 * The built window over a made-up farm of 96 servers and 10,000 instances, in a headless Chromium: first paint, first frame of the list, late
 * frames while it is scrolled under 500 changed rows a second, and what is loaded at first. Peer in each: an empty page, in the same run.
 *   npm run bench -- window      (more: node_modules/.bin/node bench/window.bench.mjs --rounds 5)
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { openWindowServer } from '../e2e/screens/window-server.ts';
import { busyRouter } from './lib/busy-farm.ts';
import { firstPaint, listFrame, scripts, scroll } from './lib/in-page.ts';
import { median, say, sayMachine, sayTarget } from './lib/say.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, changes: { type: 'string', default: '500' } } });
const rounds = Number(values.rounds);
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

sayMachine('before');
const empty = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(
    '<!doctype html><title>empty</title><div class="table-scroll" style="height:800px;overflow:auto"><p>empty<div style="height:320000px">',
  );
}).listen(0, '127.0.0.1');
await once(empty, 'listening');
const peer = `http://127.0.0.1:${empty.address().port}/`;
const farm = await openWindowServer('many', busyRouter(Number(values.changes)));
const browser = await chromium.launch({ executablePath, args: flags });

/** A person's first visit each time: nothing is in the browser's store. */
async function fresh(address, work) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'UTC' });
  try {
    const page = await context.newPage();
    await page.goto(address);
    return await work(page);
  } finally {
    await context.close();
  }
}

try {
  const seen = { paint: [], desk: [], emptyPaint: [], first: [], again: [], late: [], worst: [], emptyLate: [] };
  let loaded = [];
  for (let round = 0; round <= rounds; round += 1) {
    const emptyPaint = await fresh(peer, firstPaint);
    const desk = await fresh(`${farm.origin}/#/`, async (page) => {
      const paint = await firstPaint(page);
      await page.locator('main h1').first().waitFor();
      return { paint, shown: await page.evaluate(() => performance.now()), loaded: await scripts(page) };
    });
    const list = await fresh(`${farm.origin}/#/`, async (page) => {
      await page.locator('main h1').first().waitFor();
      // a person finds the entry later than this; meanwhile the window fetches ahead
      await page.waitForTimeout(2000);
      const first = await listFrame(page);
      await page.evaluate(() => history.back());
      await page.locator('.table-row').first().waitFor({ state: 'detached' });
      const again = await listFrame(page);
      return { first, again, ...(await scroll(page)) };
    });
    const calm = await fresh(peer, async (page) => {
      await page.waitForTimeout(1000);
      return scroll(page);
    });
    if (round === 0) continue; // only warms up
    loaded = desk.loaded;
    const round_ = { paint: desk.paint, desk: desk.shown, emptyPaint, first: list.first, again: list.again };
    for (const [name, number] of Object.entries({ ...round_, late: list.late, worst: list.worstMs, emptyLate: calm.late }))
      seen[name].push(number);
  }
  const inKilobytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  const of = (name) => median(seen[name]);
  const many = (name) => seen[name].join(' ');
  say(
    `medians of ${rounds}; an empty page's first paint ${of('emptyPaint').toFixed(0)} ms (ours / empty ${(of('paint') / of('emptyPaint')).toFixed(1)})`,
  );
  sayTarget('first contentful paint', { measured: of('paint') / 1000, atMost: 1, unit: 's' });
  say(`       the desk's title stands after ${(of('desk') / 1000).toFixed(2)} s`);
  sayTarget('list of 10,000, first frame with rows, on the first visit', { measured: of('first') / 1000, atMost: 0.3, unit: 's' });
  sayTarget('list of 10,000, first frame with rows, again', { measured: of('again') / 1000, atMost: 0.3, unit: 's' });
  say(
    `       late frames of 120 by round: ours ${many('late')} (worst frame ${Math.max(...seen.worst).toFixed(0)} ms), an empty page ${many('emptyLate')}`,
  );
  sayTarget(`late frames of 120 (over 25 ms), scrolling under ${values.changes} changed rows a second`, {
    measured: of('late'),
    atMost: 3,
    unit: '',
    digits: 0,
  });
  say(`       first-load JS: ${loaded.map(({ name, bytes }) => `${name} ${(bytes / 1000).toFixed(0)}`).join(', ')}`);
  sayTarget('first-load JS, minified', { measured: inKilobytes, atMost: 700, unit: 'kB', digits: 0 });
} finally {
  await browser.close();
  await farm.close();
  empty.close();
  sayMachine('after');
}
