import type { MenuItemConstructorOptions } from 'electron/main';
import type { Translate } from '#words/translate.ts';

/** The system's own roles only: what the program can do is in the window, where every act has its key. */
export function desktopMenu(system: 'windows' | 'mac' | 'other', translate: Translate): MenuItemConstructorOptions[] {
  return [
    ...(system === 'mac' ? [{ role: 'appMenu' as const }] : []),
    {
      label: translate('shells.menu.edit'),
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: translate('shells.menu.view'),
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: translate('shells.menu.window'), submenu: [{ role: 'minimize' }, { role: 'close' }] },
  ];
}
