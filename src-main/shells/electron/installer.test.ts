import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { win32 } from 'node:path';
import { expect, it } from 'vitest';
import { chooseDesktop } from '../choose-desktop.ts';
import { desktopPlaces } from './desktop-places.ts';

/** A text of the installer for Windows, as electron-builder makes it. */
function template(path: string): string {
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  return readFileSync(builder.resolve(`app-builder-lib/templates/nsis/${path}`), 'utf8');
}
const LOCALAPPDATA = String.raw`C:\Users\Анна Petrova\AppData\Local`;
/** Where the installer puts the program of one person. */
const installedIn = [String.raw`${LOCALAPPDATA}\Programs\farmstead`, String.raw`${LOCALAPPDATA}\Programs\Farmstead`];

it('an installer for Windows ends what runs below its folder, or is called as the program: agents are neither', () => {
  const running = template('include/allowOnlyOneInstallerInstance.nsh');
  // With PowerShell, and without.
  const filters = [...running.matchAll(/StartsWith\('([^']+)'|IMAGENAME eq (\S+?)"|\/IM "([^"]+)"/g)].map((found) =>
    found.slice(1).find(Boolean),
  );
  expect([...new Set(filters)].sort().join(' ')).toMatch(/^\$INSTDIR \$\{_FILE\}$/);
  expect(running).toMatch(/!insertmacro FIND_PROCESS "\$\{APP_EXECUTABLE_FILENAME\}"/);
  expect(template('multiUser.nsh')).toMatch(/StrCpy \$0 "\$LocalAppData\\Programs".*StrCpy \$INSTDIR "\$0\\\$\{APP_FILENAME\}"/s);

  const desktop = chooseDesktop('win32');
  const dataFolder = win32.join(desktop.dataFolder({ LOCALAPPDATA }, ''), 'farmstead');
  for (const installed of installedIn) {
    const resourcesPath = win32.join(installed, 'resources');
    const { programCopiesFolder = '' } = desktopPlaces({
      appPath: win32.join(resourcesPath, 'app.asar'),
      resourcesPath,
      isPackaged: true,
      runtimePath: desktop.runtimePath,
      dataFolder,
    });
    const copies = win32.normalize(programCopiesFolder);
    expect(copies).toBe(String.raw`${LOCALAPPDATA}\farmstead\runtime`);
    expect(copies.toLowerCase().startsWith(installed.toLowerCase())).toBe(false);
  }
  expect(win32.basename(desktop.runtimePath).toLowerCase()).not.toBe('farmstead.exe');
});
