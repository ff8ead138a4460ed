import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findInHome } from '../../compose-drivers.ts';
import { writeLinkFile } from '../link-file.ts';
import { startLocalLink } from '../local-link.ts';
import { openCore } from '../open-core.ts';
import type { ToCore } from './core-messages.ts';
import { runDesktop } from './run-desktop.ts';
import type { CorePort } from './serve-core.ts';
import { DesktopInTest } from './testing/desktop-in-test.ts';

let desktop: DesktopInTest;
beforeEach(() => {
  desktop = new DesktopInTest();
});
afterEach(() => desktop.end());

describe('an error that nobody caught', () => {
  it('is written down with a reference, shows no stack, and ends nothing', async () => {
    const window = await desktop.runOpen();
    desktop.lateError(new TypeError('a late bug'));
    const [reference] = desktop.reports.at(-1) ?? [];
    expect(desktop.log()).toContain(reference);
    expect(desktop.log()).toContain('a late bug');
    expect(await findInHome(desktop.home)(reference ?? '')).toMatchObject({ log: 'desktop.log', fields: { reference } });
    expect([desktop.electron.callsOf('showErrorBox'), desktop.hasEnded(), window.isDestroyed()]).toEqual([[], false, false]);
  });
});

describe('a start that cannot be', () => {
  /** The greatest that Linux gives (PID_MAX_LIMIT, proc(5)), and one more: nobody's. */
  const nobody = 2 ** 22 + 1;

  it.each([
    ['here', hostname()],
    ['here, under the name that this computer had', 'before-it-was-renamed'],
  ])('as the second one of a home that is open %s ends quietly', async (_, host) => {
    desktop.lockedBy(`${host}-${process.pid}`);
    await desktop.run();
    expect([desktop.electron.windows, desktop.electron.callsOf('quit')]).toEqual([[], [[]]]);
    expect(existsSync(join(desktop.home, 'home.json'))).toBe(false);
  });

  it.each([
    ['a lock that names another computer, as a killed program leaves it on one that is renamed', `oak-tree-${nobody}`, 'oak-tree'],
    ['a lock that cannot be made', undefined, 'could not be made'],
    ['a lock that makes no sense', 'nonsense', 'could not be made'],
  ])('because of %s is told, with the file', async (_, holder, expected) => {
    desktop.electron.world.isFirst = false;
    if (holder !== undefined) desktop.lockedBy(holder);
    await desktop.run();
    const [, sentence] = desktop.electron.callsOf('showErrorBox')[0] ?? [];
    expect(sentence).toContain(join(desktop.home, '.desktop', 'SingletonLock'));
    expect(sentence).toContain(expected);
    expect(desktop.electron.callsOf('exit')).toEqual([[70]]);
    expect(existsSync(join(desktop.home, 'home.json'))).toBe(false);
  });

  it('because the web console has the home shows that one', async () => {
    const open = await openCore({ home: desktop.home, version: '0.1.0', source: 'test' });
    let shown = 0;
    const link = await startLocalLink({
      router: open.core.router,
      operatorName: 'Anna',
      show: () => {
        shown += 1;
      },
    });
    await writeLinkFile(desktop.home, { origin: link.origin, token: link.token, version: '0.1.0', shell: 'http' });
    await desktop.run({ environment: { LANG: 'en_GB.UTF-8', FARM_OPENED_FILE: join(desktop.folder, 'opened') } });
    await vi.waitFor(() => expect(desktop.hasEnded()).toBe(true), 5000);
    expect([shown, desktop.electron.windows, desktop.electron.callsOf('showErrorBox')]).toEqual([1, [], []]);
    expect(readFileSync(join(desktop.folder, 'opened'), 'utf8')).toContain('elsewhere');
    const context = { actor: { kind: 'operator' as const, name: 'Anna' }, permission: 'own' as const };
    expect(await createRouterClient(open.core.router, { context }).settings.get()).toMatchObject({ home: desktop.home });
    await link.close();
    await open.close();
  });

  it('because another has the home, whose address cannot be read, is told', async () => {
    const open = await openCore({ home: desktop.home, version: '0.1.0', source: 'test' });
    mkdirSync(join(desktop.home, 'link.json'));
    await desktop.run();
    await vi.waitFor(() => expect(desktop.electron.callsOf('exit')).toEqual([[70]]), 5000);
    await open.close();
  });

  it.each([
    [[], 'This folder is not a farm’s home'],
    [['--language', 'ru'], ''],
  ] as const)('says why in words (%j), names the log, and lets all go', async (words, _begin) => {
    mkdirSync(desktop.home);
    writeFileSync(join(desktop.home, 'holiday.jpg'), '');
    await desktop.run({ words: ['--home', desktop.home, ...words] });
    await vi.waitFor(() => expect(desktop.electron.callsOf('exit')).toEqual([[70]]), 5000);
    const [title, sentence] = desktop.electron.callsOf('showErrorBox')[0] ?? [];
    expect(title).toBe('Farmstead');
    expect(sentence).toContain('holiday.jpg');
    expect(sentence).toContain(join(desktop.home, '.desktop', 'desktop.log'));
    expect(/[а-яё]{4}/i.test(String(sentence))).toBe(words.length > 0);
    expect([desktop.reports, desktop.electron.windows]).toEqual([[], []]);
    expect(readdirSync(desktop.home).sort()).toEqual(['.desktop', 'holiday.jpg']);
  });

  it('because the home is a file says so in a box, which there is only when Electron is ready', async () => {
    writeFileSync(desktop.home, '');
    const running = runDesktop(desktop.electron.parts, desktop.around());
    await Promise.resolve();
    expect(desktop.electron.callsOf('showErrorBox')).toEqual([]);
    desktop.electron.makeReady();
    await running;
    expect(String(desktop.electron.callsOf('showErrorBox')[0]?.[1])).toContain(desktop.home);
    expect(desktop.electron.callsOf('exit')).toEqual([[70]]);
  });

  it.each([
    ['of the window', () => Object.assign(desktop.electron.parts.protocol, { handle: throwsBug })],
    ['of the core', () => Object.assign(desktop.electron.world, { core: failsWithBug })],
  ])('by a bug %s gives a reference that stands in the log file which the box names', async (_whose, plant) => {
    plant();
    await desktop.run();
    await vi.waitFor(() => expect(desktop.electron.callsOf('exit')).toEqual([[70]]), 5000);
    const sentence = String(desktop.electron.callsOf('showErrorBox')[0]?.[1]);
    const reference = /F-[0-9A-Z]{6}|[0-9a-f]{8}/.exec(sentence)?.[0] ?? 'no reference';
    expect(sentence).toContain(join(desktop.home, '.desktop', 'desktop.log'));
    expect(sentence).not.toContain('    at ');
    expect(desktop.log()).toContain(reference);
    expect(desktop.log()).toContain('a planted bug');
    const again = await openCore({ home: desktop.home, version: '0.1.0', source: 'test' });
    await again.close();
  });
});

function throwsBug(): never {
  throw new TypeError('a planted bug');
}
/** What `serveCore` says of a bug, without one in it. */
function failsWithBug(port: CorePort): void {
  port.on('message', ({ data }) => {
    const failure = { code: 'INTERNAL', parameters: {}, reference: '0a1b2c3d' };
    if ((data as ToCore).kind === 'open') port.postMessage({ kind: 'failed', failure, detail: 'TypeError: a planted bug' });
  });
}
