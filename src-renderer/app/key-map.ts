import { paths } from '../lib/go-to.ts';

/** Pages behind G and a letter. Physical keys, so that they work on a Cyrillic layout too. */
export const goKeys = [
  { code: 'KeyD', letter: 'D', page: 'desk', path: paths.desk },
  { code: 'KeyI', letter: 'I', page: 'instances', path: paths.instances },
  { code: 'KeyS', letter: 'S', page: 'servers', path: paths.servers },
  { code: 'KeyC', letter: 'C', page: 'certificates', path: paths.certificates },
  { code: 'KeyO', letter: 'O', page: 'domains', path: paths.domains },
  { code: 'KeyJ', letter: 'J', page: 'jobs', path: paths.jobs },
  { code: 'KeyA', letter: 'A', page: 'alerts', path: paths.alerts },
  { code: 'KeyT', letter: 'T', page: 'settings', path: paths.settings },
] as const;

export type KeyPress = {
  readonly code: string;
  readonly key: string;
  readonly hasCommand: boolean;
  readonly hasAlt: boolean;
  /** In a field, a list that is typed into, or under a dialog. */
  readonly isElsewhere: boolean;
};
export type KeyMeaning = { readonly kind: 'palette' | 'keys' | 'begin-go' } | { readonly kind: 'go'; readonly path: string } | undefined;

/** What a key means in the window. `isGoing`: G was pressed a moment ago. */
export function meaningOf(press: KeyPress, isGoing: boolean): KeyMeaning {
  if (press.hasCommand) return press.code === 'KeyK' && !press.hasAlt ? { kind: 'palette' } : undefined;
  if (press.isElsewhere || press.hasAlt) return undefined;
  if (isGoing) {
    const found = goKeys.find((entry) => entry.code === press.code);
    if (found !== undefined) return { kind: 'go', path: found.path };
  }
  if (press.key === '?' || (press.code === 'Slash' && press.key === ',')) return { kind: 'keys' };
  if (press.code === 'KeyN') return { kind: 'go', path: paths.newInstance };
  return press.code === 'KeyG' ? { kind: 'begin-go' } : undefined;
}
