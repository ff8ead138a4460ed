import type { Contents, ElectronParts } from './electron-parts.ts';
import type { OpenOutside } from './outside.ts';
import { isOwnUrl } from './window-scheme.ts';

/** Nothing is granted: the window needs no camera, place, device or notification of the web (checklist item 5). */
export function refusePermissions(session: ElectronParts['session']['defaultSession']): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/**
 * Holds every page, also one that some later code opens, to our own scheme (items 11 to 14): no foreign navigation, no new windows, no
 * webviews. A link to an instance opens in the person's browser instead.
 */
export function guardContents(contents: Contents, openOutside: OpenOutside): void {
  const hold = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isOwnUrl(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', hold);
  contents.on('will-frame-navigate', hold);
  contents.on('will-redirect', hold);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url).catch(() => undefined);
    return { action: 'deny' };
  });
}
