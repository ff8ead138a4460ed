import { goTo, paths } from '../lib/go-to.ts';
import { useWords } from '../lib/use-words.ts';
import { changeLook, useLookStore } from '../stores/look.ts';
import { matchRanges } from '../ui/palette-keys.ts';
import type { PaletteGroup, PaletteItem } from '../ui/palette.tsx';
import { goKeys } from './key-map.ts';

const icons = {
  desk: 'layout-dashboard',
  instances: 'layers',
  servers: 'server',
  certificates: 'shield-check',
  domains: 'globe',
  jobs: 'list-checks',
  alerts: 'bell',
  settings: 'settings',
} as const;

/** Acts that need no object, and the pages. */
export function usePages(query: string, onOpenKeys: () => void): readonly PaletteGroup[] {
  const words = useWords();
  const { theme, language } = useLookStore();
  const narrow = (items: readonly PaletteItem[]): readonly PaletteItem[] => items.filter((item) => matchRanges(query, item.text) !== null);
  const themes = (['light', 'dark', 'system'] as const).filter((other) => other !== theme);
  const otherLanguage = language === 'en' ? 'ru' : 'en';
  const acts: PaletteItem[] = [
    { id: 'new-instance', icon: 'plus', text: words('common.act.newInstance'), keyHint: 'N', onRun: () => goTo(paths.newInstance) },
    { id: 'add-server', icon: 'server', text: words('common.act.addServer'), onRun: () => goTo(paths.addServer) },
    ...themes.map(
      (other): PaletteItem => ({
        id: `theme-${other}`,
        icon: 'monitor',
        text: words('common.act.theme', { theme: other }),
        onRun: () => changeLook({ theme: other }),
      }),
    ),
    {
      id: 'language',
      icon: 'languages',
      text: words('common.act.language', { language: otherLanguage }),
      onRun: () => changeLook({ language: otherLanguage }),
    },
    { id: 'keys', icon: 'info', text: words('common.act.keys'), keyHint: '?', onRun: onOpenKeys },
  ];
  const pages = goKeys.map(
    ({ page, path, letter }): PaletteItem => ({
      id: `page-${page}`,
      icon: icons[page],
      text: words(`common.rail.${page}`),
      keyHint: `G ${letter}`,
      onRun: () => goTo(path),
    }),
  );
  return [
    { id: 'acts', title: words('common.palette.acts'), items: narrow(acts) },
    { id: 'pages', title: words('common.palette.go'), items: narrow(pages) },
  ];
}
