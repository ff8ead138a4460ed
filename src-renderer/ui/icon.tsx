import { iconDrawings, type IconName } from './icon-drawings.tsx';
import { classNames } from './class-names.ts';

export interface IconProps {
  name: IconName;
  size?: 16 | 20;
  /* Only when the icon stands alone and nothing beside it says the same. */
  label?: string;
}

export function Icon({ name, size = 16, label }: IconProps) {
  const hidden = label === undefined;
  return (
    <svg
      className={classNames('icon', size === 20 && 'is-20')}
      viewBox="0 0 24 24"
      aria-hidden={hidden || undefined}
      role={hidden ? undefined : 'img'}
      aria-label={label}
    >
      {iconDrawings[name]}
    </svg>
  );
}
