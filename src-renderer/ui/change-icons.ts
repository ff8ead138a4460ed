import type { Change } from './changes-list.tsx';
import type { IconName } from './icon-drawings.tsx';

const icons: Readonly<Record<string, IconName>> = {
  record: 'globe',
  certificate: 'shield-check',
  room: 'server',
  package: 'layers',
  files: 'server',
  process: 'server',
  route: 'route',
  'customer-row': 'user',
};

/** A change as a list of changes shows it, with the icon of what it changes; `untouched` says what stays. */
export const drawnChange = (change: Omit<Change, 'icon' | 'isUntouched'> & { readonly kind: string }): Change => ({
  id: change.id,
  title: change.title,
  says: change.says,
  icon: icons[change.kind] ?? 'layers',
  isUntouched: change.kind === 'untouched',
});
