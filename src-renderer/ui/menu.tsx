import { Menu as MantineMenu } from '@mantine/core';
import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { Key } from './key.tsx';
import './styles/menu.css';

export interface MenuItem {
  id: string;
  icon?: IconName;
  text: string;
  keyHint?: string;
  onRun: () => void;
  /* Present = off, with the reason as a second line. */
  disabledReason?: string | undefined;
  /* Stands last and alone. */
  isDanger?: boolean;
}

export interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /* The button that opens it; must take a ref. */
  children: ReactElement;
}

function Entry({ item }: { item: MenuItem }) {
  const isOff = item.disabledReason !== undefined;
  return (
    <MantineMenu.Item
      onClick={() => !isOff && item.onRun()}
      aria-disabled={isOff || undefined}
      closeMenuOnClick={!isOff}
      leftSection={item.icon === undefined ? undefined : <Icon name={item.icon} />}
      rightSection={item.keyHint === undefined ? undefined : <Key>{item.keyHint}</Key>}
      mod={{ danger: item.isDanger === true, off: isOff }}
    >
      {item.text}
      {isOff && <small>{item.disabledReason}</small>}
    </MantineMenu.Item>
  );
}

export function Menu({ label, items, children }: MenuProps) {
  const usual = items.filter((item) => item.isDanger !== true);
  const dangers = items.filter((item) => item.isDanger === true);
  return (
    <MantineMenu
      unstyled
      withInitialFocusPlaceholder={false}
      withinPortal
      position="bottom-end"
      offset={6}
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: 'menu', item: 'menu-item', itemSection: 'menu-section', itemLabel: 'menu-label', divider: 'menu-line' }}
    >
      <MantineMenu.Target>{children}</MantineMenu.Target>
      <MantineMenu.Dropdown aria-label={label}>
        {usual.map((item) => (
          <Entry key={item.id} item={item} />
        ))}
        {usual.length > 0 && dangers.length > 0 && <MantineMenu.Divider role="separator" />}
        {dangers.map((item) => (
          <Entry key={item.id} item={item} />
        ))}
      </MantineMenu.Dropdown>
    </MantineMenu>
  );
}
