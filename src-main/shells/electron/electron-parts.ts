import type { NativeImage, shell as Shell } from 'electron/common';
import type {
  App,
  BrowserWindowConstructorOptions,
  clipboard as Clipboard,
  Dialog,
  Display,
  MenuItemConstructorOptions,
  NotificationConstructorOptions,
  NativeTheme,
  OpenDialogOptions,
  OpenDialogReturnValue,
  Protocol,
  Rectangle,
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
  once(event: 'did-finish-load' | 'did-fail-load' | 'render-process-gone', listener: () => void): unknown;
  setWindowOpenHandler(answer: (asked: { readonly url: string }) => { action: 'deny' }): void;
  /** For a trial of the desktop only; waits for a page that is still loading, and may never answer. */
  executeJavaScript(code: string): Promise<unknown>;
  capturePage(): Promise<Pick<NativeImage, 'isEmpty' | 'toPNG'>>;
  reload(): void;
  forcefullyCrashRenderer(): void;
}

export interface DesktopWindow {
  readonly webContents: Contents;
  once(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'closed' | 'close' | 'resize' | 'move' | 'unresponsive', listener: () => void): unknown;
  loadURL(url: string): Promise<void>;
  show(): void;
  destroy(): void;
  maximize(): void;
  minimize(): void;
  restore(): void;
  isVisible(): boolean;
  isMovable(): boolean;
  isMinimized(): boolean;
  isMaximized(): boolean;
  isDestroyed(): boolean;
  getBounds(): Rectangle;
  getContentBounds(): Rectangle;
  getNormalBounds(): Rectangle;
  setBackgroundColor(color: string): void;
}

/** The core's own process (https://www.electronjs.org/docs/latest/api/utility-process). */
export interface CoreProcess {
  /** Undefined until it runs, and after its end. */
  readonly pid: number | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  on(event: 'spawn', listener: () => void): unknown;
  on(event: 'error', listener: (type: string, location: string) => void): unknown;
  postMessage(message: unknown, transfer?: MainPort[]): void;
  kill(): boolean;
}

export interface IpcMain {
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
    | 'getGPUFeatureStatus'
    | 'getVersion'
    | 'isPackaged'
    | 'getLocale'
    | 'quit'
    | 'relaunch'
    | 'setAppUserModelId'
    | 'setPath'
    | 'whenReady'
  > {
  /** What a second start tells the first (`told` of `second-instance`). */
  requestSingleInstanceLock(told: Record<string, unknown>): boolean;
  on(event: 'activate' | 'window-all-closed', listener: () => void): unknown;
  on(event: 'second-instance', listener: (event: unknown, words: string[], folder: string, told: unknown) => void): unknown;
  on(event: 'before-quit', listener: (held: Held) => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: Contents) => void): unknown;
  removeListener(event: 'web-contents-created', listener: (event: unknown, contents: Contents) => void): unknown;
}

/** Pixels are the page's, of which `scaleFactor` go into one of the screen's. */
type Screen = Pick<Display, 'id' | 'workArea' | 'size' | 'scaleFactor'>;

/** The parent is the window that waits for the dialog. */
type Parent = Pick<DesktopWindow, 'show'>;

export interface ElectronParts {
  readonly app: DesktopApp;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => DesktopWindow;
  readonly clipboard: Pick<typeof Clipboard, 'writeText' | 'readText'>;
  readonly dialog: Pick<Dialog, 'showErrorBox'> & {
    showOpenDialog(parent: Parent, options: OpenDialogOptions): Promise<OpenDialogReturnValue>;
    showSaveDialog(parent: Parent, options: SaveDialogOptions): Promise<SaveDialogReturnValue>;
  };
  readonly ipcMain: IpcMain;
  readonly Menu: { setMenu(template: MenuItemConstructorOptions[]): void };
  readonly MessageChannelMain: new () => { readonly port1: MainPort; readonly port2: MainPort };
  readonly Notification: {
    new (options: NotificationConstructorOptions): { show(): void };
    isSupported(): boolean;
  };
  readonly nativeTheme: Pick<NativeTheme, 'shouldUseDarkColors' | 'themeSource'> & {
    on(event: 'updated', listener: () => void): unknown;
    removeListener(event: 'updated', listener: () => void): unknown;
  };
  readonly powerMonitor: { on(event: 'shutdown', listener: () => void): unknown };
  readonly screen: { getPrimaryDisplay(): Screen; getAllDisplays(): Screen[] };
  readonly utilityProcess: { fork(modulePath: string, parameters: string[], options: { serviceName: string }): CoreProcess };
  readonly protocol: Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle'>;
  readonly safeStorage: Pick<
    SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >;
  readonly session: {
    readonly defaultSession: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>;
  };
  readonly shell: Pick<typeof Shell, 'openExternal' | 'openPath'>;
}
