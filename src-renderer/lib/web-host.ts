import { windowKey } from '#contract/window-key.ts';
import { isOpenable, type Host } from './host.ts';

const PREFIX = 'farmstead.';

/** What is kept in the browser; every access may throw where storage is off. */
export const webKeep: Host['keep'] = {
  read: (key) => {
    try {
      return localStorage.getItem(PREFIX + key) ?? undefined;
    } catch {
      return undefined;
    }
  },
  write: (key, value) => {
    try {
      if (value === undefined) localStorage.removeItem(PREFIX + key);
      else localStorage.setItem(PREFIX + key, value);
    } catch {
      // Storage can be off or full: the choice then holds until the window closes.
    }
  },
};

export function systemOf(userAgent: string): Host['system'] {
  if (/Windows/.test(userAgent)) return 'windows';
  return /Mac OS|Macintosh/.test(userAgent) ? 'mac' : 'other';
}

/** `Chrome 156`: as much of a browser's word for itself as support needs. */
export function browserOf(userAgent: string): string {
  const found = /(Firefox|Edg|OPR|Chrome)\/(\d+)|Version\/(\d+)[.\d]* Safari/.exec(userAgent.replace(/Chrome\/\d+(?=.*(Edg|OPR)\/)/, ''));
  if (found === null) return '';
  return found[3] === undefined ? `${found[1] === 'Edg' ? 'Edge' : found[1]} ${found[2]}` : `Safari ${found[3]}`;
}

function openFile(accept: string): ReturnType<Host['openFile']> {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.addEventListener('cancel', () => resolve(undefined));
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file === undefined) resolve(undefined);
      else file.arrayBuffer().then((buffer) => resolve({ name: file.name, bytes: new Uint8Array(buffer) }), reject);
    });
    input.click();
  });
}

async function saveFile(name: string, mediaType: string, content: string | Uint8Array): Promise<boolean> {
  const part = typeof content === 'string' ? content : new Uint8Array(content);
  const url = URL.createObjectURL(new Blob([part], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own copy of the blob by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return true;
}

/** What the sign-in left for all tabs of this origin, read afresh each time: another tab may have signed in since. Empty when nobody has. */
export function keptWindowKey(): string {
  try {
    return localStorage.getItem(windowKey.storedAs) ?? '';
  } catch {
    return '';
  }
}

/** A socket does not tell why it was refused; a plain request does. */
async function whyLost(): Promise<'signed-out' | 'unknown'> {
  try {
    const { status } = await fetch('./api/v1/settings', { cache: 'no-store', headers: { [windowKey.header]: keptWindowKey() } });
    return status === 401 ? 'signed-out' : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The host of the web console: the browser itself. */
export function createWebHost(): Host {
  return {
    kind: 'web',
    system: systemOf(navigator.userAgent),
    openFile,
    saveFile,
    copyText: (text) => navigator.clipboard.writeText(text),
    notify: async (title, body) => {
      if (!('Notification' in window) || Notification.permission !== 'granted') return;
      new Notification(title, { body });
    },
    openAddress: async (url) => {
      if (isOpenable(url)) window.open(url, '_blank', 'noopener,noreferrer');
    },
    whyLost,
    versions: browserOf(navigator.userAgent),
    showTheme: async () => undefined,
    keep: webKeep,
  };
}
