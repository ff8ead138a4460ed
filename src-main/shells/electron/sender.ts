import type { WebContents, WebFrameMain } from 'electron/main';
import { windowOrigin } from './window-scheme.ts';

/** The windows that this shell made, by the id of their contents. */
export type KnownWindows = { readonly has: (contentsId: number) => boolean };

type Sent = { readonly sender: Pick<WebContents, 'id'>; readonly senderFrame: Pick<WebFrameMain, 'parent' | 'origin'> | null };

/** Checked for every message (checklist item 17): a window of ours, its top frame, on our own scheme, and still there. */
export function isFromOurWindow(event: Sent, windows: KnownWindows): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && frame.origin === windowOrigin && windows.has(event.sender.id);
}
