import type { DesktopMemory } from './desktop-memory.ts';

/** Device-independent pixels (https://www.electronjs.org/docs/latest/api/structures/rectangle). */
export type Rectangle = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

const wanted = { width: 1440, height: 900 };
/** Below this the page gives way by itself; a person may still make the window smaller where the screen is. */
const least = { width: 900, height: 560 };
/** As much of the window's upper edge must lie on a screen that a person can take hold of it. */
const handle = { width: 160, height: 40 };

export type WindowBounds = {
  readonly width: number;
  readonly height: number;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly x?: number;
  readonly y?: number;
};

function isReachable(bounds: Rectangle, area: Rectangle): boolean {
  const across = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  return across >= handle.width && bounds.y >= area.y && bounds.y + handle.height <= area.y + area.height;
}

/**
 * Where the window is put: where it was, if a person can still reach it there; else in the middle of the first screen. Never larger than what is free
 * there, and its least size neither (1080p at 150 % leaves 1280×672): else the strip at the bottom lay under the task bar for good.
 * `areas` are the free parts of the screens, the first one the main screen's.
 */
export function windowBounds(areas: readonly [Rectangle, ...Rectangle[]], remembered: DesktopMemory['bounds']): WindowBounds {
  for (const area of areas) {
    if (remembered === undefined) break;
    const size = sizeWithin(area, remembered);
    const { x, y } = remembered;
    if (isReachable({ x, y, ...size }, area)) return { ...size, x, y };
  }
  return sizeWithin(areas[0], wanted);
}

function sizeWithin(area: Rectangle, size: { readonly width: number; readonly height: number }) {
  // No screen is known yet, or none is connected: a window of no size would stay one when a screen comes.
  const room = area.width > 0 && area.height > 0 ? area : wanted;
  const minWidth = Math.min(least.width, room.width);
  const minHeight = Math.min(least.height, room.height);
  const width = Math.max(minWidth, Math.min(size.width, room.width));
  const height = Math.max(minHeight, Math.min(size.height, room.height));
  return { width, height, minWidth, minHeight };
}
