import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import type { FarmName } from '#contract/testing/made-up-farm/farms.ts';
import { findRoomProblems } from './room.ts';
import { type Scene, scenes } from './scenes.ts';
import { scenesAt, type Size, sizeOf } from './sizes.ts';
import { openWindowServer } from './window-server.ts';

/**
 * Photographs every screen in both themes and languages over made-up farms, and lets axe look at each. Ends with 1 when axe found
 * something serious, a page spoke on its console, the content policy was broken, or a page had no room (see room.ts).
 *
 *     npm run screens -- --only desk,job --theme dark --language ru --size 640x400@2
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    theme: { type: 'string', default: 'light,dark' },
    language: { type: 'string', default: 'en,ru' },
    size: { type: 'string', default: '1440x900,1024x700,640x400@2,2560x1080' },
    full: { type: 'boolean', default: false },
  },
});
const folder = fileURLToPath(new URL('../../reports/screens', import.meta.url));
const list = (text: string): string[] => text.split(',').filter(Boolean);

type Look = { readonly theme: string; readonly language: string; readonly size: Size; readonly isFirst: boolean };
type Finding = { readonly picture: string; readonly problem: string };

/** Every size but the first in one look only: other windows are about space, not about colours. */
function looks(): Look[] {
  return list(values.size).flatMap((name, place) => {
    const themes = place === 0 ? list(values.theme) : list(values.theme).slice(0, 1);
    return themes.flatMap((theme) =>
      list(values.language).map((language) => ({ theme, language, size: sizeOf(name), isFirst: place === 0 })),
    );
  });
}

async function openContext(browser: Browser, look: Look): Promise<BrowserContext> {
  const { width, height, scale } = look.size;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: look.theme === 'dark' ? 'dark' : 'light',
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: look.language === 'ru' ? 'ru-RU' : 'en-GB',
  });
  await context.addInitScript(
    ({ theme, language }) => {
      localStorage.setItem('farmstead.theme', theme);
      localStorage.setItem('farmstead.language', language);
    },
    { theme: look.theme, language: look.language },
  );
  // The first surface of a context is now and then photographed before it has its size, as tiles.
  const first = await context.newPage();
  await first.screenshot();
  await first.close();
  return context;
}

async function photograph(context: BrowserContext, origin: string, scene: Scene, look: Look): Promise<Finding[]> {
  const picture = `${scene.name}-${scene.farm}-${look.theme}-${look.language}-${look.size.name}`;
  const findings: Finding[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => findings.push({ picture, problem: `error: ${error.message}` }));
  page.on('console', (message) => {
    const isExpected = scene.farm === 'cut' && /WebSocket|ERR_/.test(message.text());
    if (message.type() === 'error' && !isExpected) findings.push({ picture, problem: `console: ${message.text().slice(0, 300)}` });
  });
  try {
    await page.goto(`${origin}/#${scene.path}`);
    await page.locator('h1').first().waitFor({ timeout: 15_000 });
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    if (scene.farm === 'cut') await page.locator('.banner').first().waitFor();
    await scene.act?.(page);
    await page
      .waitForFunction(() => document.querySelector('.skeleton-rows, .skeleton') === null, undefined, { timeout: 4_000 })
      .catch(() => {
        findings.push({ picture, problem: 'a skeleton is still there after 4 s' });
      });
    await page.screenshot({ path: join(folder, `${picture}.png`), fullPage: values.full });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    for (const violation of violations) {
      if (violation.impact !== 'serious' && violation.impact !== 'critical') continue;
      const where = violation.nodes
        .slice(0, 3)
        .map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? node.failureSummary ?? ''})`);
      findings.push({ picture, problem: `axe ${violation.id}: ${where.join('; ')}` });
    }
    if (look.size.scale > 1) findings.push(...(await findRoomProblems(page)).map((problem) => ({ picture, problem: `room: ${problem}` })));
  } catch (error) {
    findings.push({ picture, problem: error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error) });
  } finally {
    await page.close();
  }
  return findings;
}

/** Networks that come and go on the machine break the loading of any page; such a picture is taken once more. */
async function photographCalmly(context: BrowserContext, origin: string, scene: Scene, look: Look): Promise<Finding[]> {
  const findings = await photograph(context, origin, scene, look);
  return findings.some(({ problem }) => problem.includes('ERR_NETWORK_CHANGED')) ? photograph(context, origin, scene, look) : findings;
}

async function run(): Promise<void> {
  const wanted = list(values.only);
  const chosen = scenes.filter((scene) => wanted.length === 0 || wanted.some((name) => scene.name.startsWith(name)));
  if (wanted.length === 0) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = [...new Set(chosen.map((scene) => scene.farm))];
  const servers = new Map(
    await Promise.all(
      names.map(async (name): Promise<[FarmName, Awaited<ReturnType<typeof openWindowServer>>]> => [name, await openWindowServer(name)]),
    ),
  );
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  const findings: Finding[] = [];
  let pictures = 0;
  try {
    for (const look of looks()) {
      const startedMs = performance.now();
      const context = await openContext(browser, look);
      const queue = [...scenesAt(look.size, look.language, look.isFirst, chosen)];
      const before = pictures;
      const work = async (): Promise<void> => {
        for (let scene = queue.shift(); scene !== undefined; scene = queue.shift()) {
          // A farm that goes away does so once for each server: a picture of it needs a fresh one.
          const own = scene.farm === 'cut' ? await openWindowServer('cut') : undefined;
          const origin = (own ?? servers.get(scene.farm))?.origin ?? '';
          findings.push(...(await photographCalmly(context, origin, scene, look)));
          pictures += 1;
          await own?.close();
        }
      };
      await Promise.all(Array.from({ length: Math.min(3, cpus().length) }, work));
      await context.close();
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      console.log(`${look.theme} ${look.language} ${look.size.name}: ${pictures - before} pictures in ${seconds} s`);
    }
  } finally {
    await browser.close();
    await Promise.all([...servers.values()].map((server) => server.close()));
  }
  await writeFile(join(folder, 'findings.json'), JSON.stringify(findings, null, 2));
  for (const { picture, problem } of findings) console.log(`${picture}\n  ${problem}`);
  const ofRoom = findings.filter(({ problem }) => problem.startsWith('room: ')).length;
  console.log(`${pictures} pictures in reports/screens, ${findings.length} findings, ${ofRoom} of them about room`);
  if (findings.length > 0) process.exitCode = 1;
}

await run();
