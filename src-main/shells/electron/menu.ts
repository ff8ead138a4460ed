import type { MenuItemConstructorOptions } from 'electron/main';
import type { Translate } from '#words/translate.ts';

type Item = MenuItemConstructorOptions;
const line: Item = { type: 'separator' };

/** Everything that the program can do is in the window, where every act has its key; here is what belongs to the system, and what helps support. */
export function desktopMenu(system: 'windows' | 'mac' | 'other', translate: Translate, showLogs: () => void): Item[] {
  // Electron's own labels of roles are English only (lib/browser/api/menu-item-roles.ts).
  const role = (name: NonNullable<Item['role']>, label: string): Item => ({ role: name, label });
  const quit = role('quit', translate(system === 'windows' ? 'shells.menu.exit' : 'shells.menu.quit'));
  return [
    ...(system === 'mac' ? [macMenu(translate, role, quit)] : [{ label: translate('shells.menu.file'), submenu: [quit] }]),
    {
      label: translate('shells.menu.edit'),
      submenu: [
        role('undo', translate('shells.menu.undo')),
        role('redo', translate('shells.menu.redo')),
        line,
        role('cut', translate('shells.menu.cut')),
        role('copy', translate('shells.menu.copy')),
        role('paste', translate('shells.menu.paste')),
        role('selectAll', translate('shells.menu.selectAll')),
      ],
    },
    {
      label: translate('shells.menu.view'),
      submenu: [
        role('reload', translate('shells.menu.reload')),
        line,
        role('resetZoom', translate('shells.menu.resetZoom')),
        role('zoomIn', translate('shells.menu.zoomIn')),
        role('zoomOut', translate('shells.menu.zoomOut')),
        line,
        role('togglefullscreen', translate('shells.menu.fullScreen')),
      ],
    },
    {
      label: translate('shells.menu.window'),
      submenu: [role('minimize', translate('shells.menu.minimize')), role('close', translate('shells.menu.close'))],
    },
    {
      label: translate('shells.menu.help'),
      submenu: [
        { label: translate('shells.menu.logs'), click: () => showLogs() },
        role('toggleDevTools', translate('shells.menu.devTools')),
      ],
    },
  ];
}

function macMenu(translate: Translate, role: (name: NonNullable<Item['role']>, label: string) => Item, quit: Item): Item {
  return {
    label: 'Farmstead',
    submenu: [
      role('about', translate('shells.menu.about')),
      line,
      role('hide', translate('shells.menu.hide')),
      role('hideOthers', translate('shells.menu.hideOthers')),
      role('unhide', translate('shells.menu.unhide')),
      line,
      quit,
    ],
  };
}
