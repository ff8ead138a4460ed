/** A file that a person chose. */
export type BridgedFile = { readonly name: string; readonly bytes: Uint8Array };

/**
 * What the desktop's preload gives to its page as `window.farmHost` (contextBridge): plain data and functions only. The core's port cannot
 * cross the bridge, so the preload posts it into the page after `requestPort(request)`:
 * `window.postMessage({ farmPort: request }, location.origin, [port])`.
 */
export type FarmHostBridge = {
  readonly system: 'windows' | 'mac' | 'other';
  /** What the window runs in, for support: `Electron 45.4.1, Chromium 148.0.1`. */
  readonly versions: string;
  readonly requestPort: (request: string) => void;
  /** Undefined when the person closed the dialog. `accept` as in `<input accept>`: `.pem,.pfx`. */
  readonly openFile: (accept: string) => Promise<BridgedFile | undefined>;
  /** False when the dialog was closed. */
  readonly saveFile: (name: string, mediaType: string, content: string | Uint8Array) => Promise<boolean>;
  readonly copyText: (text: string) => Promise<void>;
  readonly notify: (title: string, body: string) => Promise<void>;
  readonly openAddress: (url: string) => Promise<void>;
  /** Title bar, menus and dialogs of the system follow the theme that the person chose. */
  readonly showTheme: (theme: 'system' | 'light' | 'dark') => Promise<void>;
};
