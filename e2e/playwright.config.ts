import { defineConfig } from '@playwright/test';
import { electronBinary } from './fixtures/electron-binary.ts';
import type { ShellName } from './fixtures/shells.ts';

/**
 * Ring 4: the built window over the real program. `npm test` runs it with CHROMIUM_PATH; the same specs run on the desktop shell wherever
 * Electron's binary is. One worker: the farm is one, and the machine may be small.
 */
const electron = electronBinary();
// Workers load this file too; it is said once.
if (electron === undefined && process.env['TEST_WORKER_INDEX'] === undefined)
  process.stdout.write('window: on the web console only, no Electron binary on this machine\n');

export default defineConfig<object, { readonly shellName: ShellName }>({
  testDir: 'specs',
  outputDir: '../reports/window-failures',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: { actionTimeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '../reports/window.json' }]],
  projects: [
    { name: 'web', use: { shellName: 'web' } },
    // What only a browser has (a second window, an address bar) is marked @web.
    ...(electron === undefined ? [] : [{ name: 'electron', use: { shellName: 'electron' as const }, grepInvert: /@web/ }]),
  ],
});
