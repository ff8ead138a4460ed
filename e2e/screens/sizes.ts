import type { FarmName } from '#contract/testing/made-up-farm/farms.ts';
import type { Scene } from './scenes.ts';

/** A window: CSS pixels, and how many of the screen's stand for one. 1280×800 at 200 % is 640×400 with two. */
export type Size = { readonly name: string; readonly width: number; readonly height: number; readonly scale: number };

/** From `1440x900` or `640x400@2`. */
export function sizeOf(name: string): Size {
  const [width, height, scale] = name.split(/[x@]/).map(Number);
  return { name, width: width ?? 1440, height: height ?? 900, scale: scale ?? 1 };
}

const ultraWidePx = 1920;
const fullest: readonly FarmName[] = ['attention', 'many', 'one', 'none', 'demo', 'demoFailed', 'quiet', 'refusing', 'cut', 'empty'];
const mainPages: ReadonlySet<string> = new Set([
  ...['first-run', 'desk', 'instances', 'instance', 'new-instance', 'job-running', 'job-stopped', 'servers', 'server', 'add-server'],
  ...['certificates', 'domains', 'jobs', 'alerts', 'settings'],
]);

/** Each screen once, at its fullest. */
function once(scenes: readonly Scene[]): readonly Scene[] {
  const ranked = [...scenes].sort((one, other) => fullest.indexOf(one.farm) - fullest.indexOf(other.farm));
  return ranked.filter((scene, index) => ranked.findIndex(({ name }) => name === scene.name) === index);
}

/**
 * Which screens a size is about. The first size of a run and an ordinary window are about all of them. A magnified one is about space: each screen once
 * in the language with the longer words, the main pages in the others. An ultra-wide one is about where the main pages put their things.
 */
export function scenesAt(size: Size, language: string, isFirst: boolean, scenes: readonly Scene[]): readonly Scene[] {
  const isMagnified = size.scale > 1;
  const isUltraWide = size.width >= ultraWidePx;
  if (isFirst || (!isMagnified && !isUltraWide)) return scenes;
  if (isMagnified && language === 'ru') return once(scenes);
  return once(scenes.filter(({ name }) => mainPages.has(name)));
}
