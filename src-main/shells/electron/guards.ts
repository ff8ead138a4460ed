import type { Session, WebContents } from 'electron/main';
import type { ElectronParts } from './electron-parts.ts';
import { isOwnUrl } from './window-scheme.ts';

/** Addresses that the person's own browser may be asked to open: instances and this program's documents, never a program or a file. */
export function isOpenable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}

/** Nothing is granted: the window needs no camera, place, device or notification of the web (checklist items 5 and 15). */
export function refusePermissions(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>,
): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

type Guarded = Pick<WebContents, 'on' | 'setWindowOpenHandler'>;

/**
 * Holds every page, also one that some later code opens, to our own scheme (items 11 to 14): no foreign navigation, no new windows, no
 * webviews. A link to an https address opens in the person's browser instead.
 */
export function guardContents(contents: Guarded, shell: ElectronParts['shell']): void {
  const hold = (event: { readonly url: string; readonly preventDefault: () => void }): void => {
    if (!isOwnUrl(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', hold);
  contents.on('will-frame-navigate', hold);
  contents.on('will-redirect', hold);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isOpenable(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}
