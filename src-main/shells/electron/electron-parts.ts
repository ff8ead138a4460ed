import type { shell as Shell } from 'electron/common';
import type {
  App,
  BrowserWindowConstructorOptions,
  clipboard as Clipboard,
  Dialog,
  MenuItemConstructorOptions,
  NotificationConstructorOptions,
  OpenDialogOptions,
  OpenDialogReturnValue,
  Protocol,
  RenderProcessGoneDetails,
  SafeStorage,
  SaveDialogOptions,
  SaveDialogReturnValue,
  Session,
} from 'electron/main';

/**
 * What this shell uses of Electron, no more. `main.ts` gives the real one, and the compiler holds it against these; a test gives a stand-in.
 * Whatever is used anew is added here first, and so becomes visible.
 */
export interface MainPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

export interface Frame {
  readonly origin: string;
  readonly parent: unknown;
  postMessage(channel: string, message: unknown, transfer?: MainPort[]): void;
}

/** What every message of a page says of its sender. The frame is null once it has gone. */
export interface Sent {
  readonly sender: { readonly id: number };
  readonly senderFrame: Frame | null;
}

interface Held {
  preventDefault(): void;
}

export interface Contents {
  readonly id: number;
  on(event: 'will-navigate' | 'will-frame-navigate' | 'will-redirect', listener: (held: Held & { readonly url: string }) => void): unknown;
  on(event: 'will-attach-webview', listener: (held: Held) => void): unknown;
  on(event: 'render-process-gone', listener: (event: unknown, details: Pick<RenderProcessGoneDetails, 'reason'>) => void): unknown;
  setWindowOpenHandler(answer: (asked: { readonly url: string }) => { action: 'deny' }): void;
}

export interface DesktopWindow {
  readonly webContents: Contents;
  once(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'closed', listener: () => void): unknown;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  restore(): void;
  isMinimized(): boolean;
}

export interface IpcDoor {
  on(channel: string, listener: (event: Sent, ...parameters: unknown[]) => void): unknown;
  removeListener(channel: string, listener: (event: Sent, ...parameters: unknown[]) => void): unknown;
  handle(channel: string, act: (event: Sent, ...parameters: unknown[]) => Promise<unknown>): void;
  removeHandler(channel: string): void;
}

interface DesktopApp
  extends Pick<
    App,
    | 'enableSandbox'
    | 'exit'
    | 'getAppPath'
    | 'getVersion'
    | 'isPackaged'
    | 'getLocale'
    | 'quit'
    | 'requestSingleInstanceLock'
    | 'setAppUserModelId'
    | 'setPath'
    | 'whenReady'
  > {
  on(event: 'second-instance' | 'activate' | 'window-all-closed', listener: () => void): unknown;
  on(event: 'before-quit', listener: (held: Held) => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: Contents) => void): unknown;
  removeListener(event: 'web-contents-created', listener: (event: unknown, contents: Contents) => void): unknown;
}

/** The parent is the window that waits for the dialog. */
type Parent = Pick<DesktopWindow, 'focus'>;

export interface ElectronParts {
  readonly app: DesktopApp;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => DesktopWindow;
  readonly clipboard: Pick<typeof Clipboard, 'writeText'>;
  readonly dialog: Pick<Dialog, 'showErrorBox'> & {
    showOpenDialog(parent: Parent, options: OpenDialogOptions): Promise<OpenDialogReturnValue>;
    showSaveDialog(parent: Parent, options: SaveDialogOptions): Promise<SaveDialogReturnValue>;
  };
  readonly ipcMain: IpcDoor;
  readonly Menu: { setMenu(template: MenuItemConstructorOptions[]): void };
  readonly MessageChannelMain: new () => { readonly port1: MainPort; readonly port2: MainPort };
  readonly Notification: {
    new (options: NotificationConstructorOptions): { show(): void };
    isSupported(): boolean;
  };
  readonly protocol: Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'>;
  readonly safeStorage: Pick<
    SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >;
  readonly session: {
    readonly defaultSession: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>;
  };
  readonly shell: Pick<typeof Shell, 'openExternal'>;
}
