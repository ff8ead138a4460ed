import { isOpenable, type ChosenFile, type Host } from './host.ts';
import { webKeep } from './web-host.ts';

/**
 * What the desktop's preload exposes as `window.farmHost` (contextBridge): plain data and functions only. The core's port
 * cannot cross the bridge, so the preload posts it into the page:
 * `window.postMessage({ farmPort: request }, location.origin, [port])` after `requestPort(request)`.
 */
export type FarmHostBridge = {
  readonly system: 'windows' | 'mac' | 'other';
  readonly hasOverlaidTitleBar: boolean;
  readonly requestPort: (request: string) => void;
  readonly openFile: (accept: string) => Promise<ChosenFile | undefined>;
  readonly saveFile: (name: string, mediaType: string, content: string | Uint8Array) => Promise<boolean>;
  readonly copyText: (text: string) => Promise<void>;
  readonly notify: (title: string, body: string) => Promise<void>;
  readonly openAddress: (url: string) => Promise<void>;
};

declare global {
  interface Window {
    readonly farmHost?: FarmHostBridge;
  }
}

/** The host of the desktop. */
export function createDesktopHost(bridge: FarmHostBridge): Host {
  return {
    kind: 'desktop',
    system: bridge.system,
    hasOverlaidTitleBar: bridge.hasOverlaidTitleBar,
    openFile: bridge.openFile,
    saveFile: bridge.saveFile,
    copyText: bridge.copyText,
    notify: bridge.notify,
    openAddress: async (url) => (isOpenable(url) ? bridge.openAddress(url) : undefined),
    keep: webKeep,
  };
}

const PORT_MS = 5_000;

/** A port to the core, asked of the preload. Rejects when none comes within five seconds. May be called again after it closed. */
export function askForPort(bridge: FarmHostBridge, page: Window = window): Promise<MessagePort> {
  const request = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    const stop = setTimeout(() => {
      page.removeEventListener('message', onMessage);
      reject(new Error('no port came from the desktop'));
    }, PORT_MS);
    function onMessage(event: MessageEvent): void {
      // Only from this very page (the preload posts through it), and only the answer to this request.
      if (event.source !== page || typeof event.data !== 'object' || event.data === null) return;
      if ((event.data as { farmPort?: unknown }).farmPort !== request) return;
      const port = event.ports[0];
      clearTimeout(stop);
      page.removeEventListener('message', onMessage);
      if (port === undefined) reject(new Error('the answer held no port'));
      else resolve(port);
    }
    page.addEventListener('message', onMessage);
    bridge.requestPort(request);
  });
}
