/** What the window asks of the shell around it. One interface, made real by the browser (`web-host.ts`) and by the desktop (`desktop-host.ts`). */
export type ChosenFile = { readonly name: string; readonly bytes: Uint8Array };

export type Host = {
  readonly kind: 'web' | 'desktop';
  /** Which system the person sits at: words like *Ctrl* and *Command*, and "like Windows". Told by the shell or the browser, used for words only. */
  readonly system: 'windows' | 'mac' | 'other';
  /** Asks for one file. Undefined when the person closed the dialog. `accept` as in `<input accept>`: `.pem,.pfx`. */
  readonly openFile: (accept: string) => Promise<ChosenFile | undefined>;
  /** Saves under a name that the person may change. False when the dialog was closed. */
  readonly saveFile: (name: string, mediaType: string, content: string | Uint8Array) => Promise<boolean>;
  /** Throws when the system refuses the clipboard. */
  readonly copyText: (text: string) => Promise<void>;
  /** A message of the system; silent where the person has not allowed them. */
  readonly notify: (title: string, body: string) => Promise<void>;
  /** Opens an `https:` or `http:` address in the person's own browser; refuses other schemes. */
  readonly openAddress: (url: string) => Promise<void>;
  /** Why the link is lost, as far as the shell can tell: a web console that began anew no longer knows this browser. */
  readonly whyLost: () => Promise<'signed-out' | 'unknown'>;
  /** What the window runs in, for support. */
  readonly versions: string;
  /** The system's own parts of the window follow the theme that the person chose. */
  readonly showTheme: (theme: 'system' | 'light' | 'dark') => Promise<void>;
  /** What is kept on this computer for this person: look, drafts. Undefined when absent or storage is off. */
  readonly keep: { readonly read: (key: string) => string | undefined; readonly write: (key: string, value: string | undefined) => void };
};

/** True for addresses that may be handed to the system's browser. */
export function isOpenable(url: string): boolean {
  try {
    return ['https:', 'http:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
