import type { ReactNode } from 'react';
import { Count } from './count.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { Key } from './key.tsx';
import type { State } from './types.ts';
import { FarmMark } from './farm-mark.tsx';

export interface RailItem {
  id: string;
  icon: IconName;
  text: string;
  href: string;
  isCurrent?: boolean;
  count?: { value: number; state: State; label: string } | undefined;
}

export interface RailProps {
  label: string;
  farm: { name: string; note: string; label: string; onOpen?: () => void };
  search: { text: string; keyHint: string; onOpen: () => void };
  items: readonly RailItem[];
  /* Below the spring: Settings. */
  lastItems: readonly RailItem[];
  operator?: { name: string; role: string; initials: string };
}

function Item({ item }: { item: RailItem }) {
  return (
    <a className="rail-item" href={item.href} aria-current={item.isCurrent === true ? 'page' : undefined}>
      <Icon name={item.icon} />
      <span>{item.text}</span>
      {item.count !== undefined && item.count.value > 0 && <Count {...item.count} />}
    </a>
  );
}

function Farm({ farm }: { farm: RailProps['farm'] }) {
  const inside: ReactNode = (
    <>
      <FarmMark />
      <span>
        <b>{farm.name}</b>
        <span>{farm.note}</span>
      </span>
      {farm.onOpen !== undefined && <Icon name="chevrons-up-down" />}
    </>
  );
  if (farm.onOpen === undefined) return <div className="farm is-still">{inside}</div>;
  return (
    <button type="button" className="farm" onClick={farm.onOpen}>
      {inside}
      <span className="hidden-text">. {farm.label}</span>
    </button>
  );
}

export function Rail({ label, farm, search, items, lastItems, operator }: RailProps) {
  return (
    <nav className="rail" aria-label={label}>
      <Farm farm={farm} />
      <button type="button" className="rail-search" aria-keyshortcuts="Control+K Meta+K" onClick={search.onOpen}>
        <Icon name="search" />
        <span>{search.text}</span>
        <Key>{search.keyHint}</Key>
      </button>
      <div className="rail-list">
        {items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </div>
      <div className="spring" />
      <div className="rail-list">
        {lastItems.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </div>
      {operator !== undefined && (
        <div className="operator">
          <span className="face" aria-hidden="true">
            {operator.initials}
          </span>
          <span>
            <b>{operator.name}</b>
            <span>{operator.role}</span>
          </span>
        </div>
      )}
    </nav>
  );
}
