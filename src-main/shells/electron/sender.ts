import type { DesktopWindow, Sent } from './electron-parts.ts';
import { windowOrigin } from './window-scheme.ts';

/** The windows that this shell made, by the id of their contents. */
export type KnownWindows = { readonly get: (contentsId: number) => DesktopWindow | undefined };

/** Checked for every message (checklist item 17): a window of ours, its top frame, on our own scheme, and still there. */
export function ourWindowOf(event: Sent, windows: KnownWindows): DesktopWindow | undefined {
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null || frame.origin !== windowOrigin) return undefined;
  return windows.get(event.sender.id);
}
