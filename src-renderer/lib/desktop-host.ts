import type { FarmHostBridge } from '#contract/host-bridge.ts';
import { isOpenable, type Host } from './host.ts';
import { webKeep } from './web-host.ts';

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
    whyLost: async () => 'unknown',
    versions: bridge.versions,
    showTheme: bridge.showTheme,
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
