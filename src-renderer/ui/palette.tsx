import { Modal } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { Key } from './key.tsx';
import { matchRanges, nextInPalette } from './palette-keys.ts';
import './styles/dialog.css';
import './styles/palette.css';

export interface PaletteItem {
  id: string;
  icon: IconName;
  text: string;
  /* Faint words or a chip at the right end. */
  note?: ReactNode;
  keyHint?: string;
  onRun: () => void;
}

export interface PaletteGroup {
  id: string;
  title: string;
  items: readonly PaletteItem[];
}

export interface PaletteProps {
  isOpen: boolean;
  onClose: () => void;
  query: string;
  onQueryChange: (query: string) => void;
  /* Already narrowed and ranked by the caller; this part only marks and chooses. */
  groups: readonly PaletteGroup[];
  label: string;
  placeholder: string;
  emptyText: string;
  escapeKey: string;
  hints?: readonly { keys: readonly string[]; text: string }[];
}

function Marked({ text, query }: { text: string; query: string }) {
  const ranges = matchRanges(query, text) ?? [];
  const pieces: ReactNode[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    pieces.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return (
    <span className="palette-text">
      {pieces}
      {text.slice(at)}
    </span>
  );
}

function useActive(groups: readonly PaletteGroup[], query: string) {
  const [active, setActive] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query starts at its first answer
  useEffect(() => setActive(0), [query]);
  const items = groups.flatMap((group) => group.items);
  return { active: Math.min(active, Math.max(0, items.length - 1)), setActive, items };
}

function PaletteInside({ onClose, query, onQueryChange, groups, label, placeholder, emptyText, escapeKey, hints }: PaletteProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { active, setActive, items } = useActive(groups, query);
  const activeId = items[active] === undefined ? undefined : `${id}${items[active].id}`;
  useEffect(() => {
    if (activeId !== undefined) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);
  const run = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    onClose();
    item.onRun();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      run(items[active]);
      return;
    }
    const isTyping = (event.key === 'Home' || event.key === 'End') && query !== '';
    const next = isTyping
      ? null
      : nextInPalette(
          event.key,
          event.shiftKey,
          active,
          groups.map((group) => group.items.length),
        );
    if (next === null) return;
    event.preventDefault();
    setActive(next);
  };
  return (
    <>
      <div className="palette-input">
        <Icon name="search" size={20} />
        <input
          data-autofocus
          value={query}
          placeholder={placeholder}
          aria-label={label}
          role="combobox"
          aria-expanded={items.length > 0}
          aria-controls={`${id}list`}
          aria-activedescendant={activeId}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onQueryChange(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Key>{escapeKey}</Key>
      </div>
      <div ref={list} className="palette-list" id={`${id}list`} role="listbox" aria-label={label}>
        {groups.map((group) =>
          group.items.length === 0 ? null : (
            // biome-ignore lint/a11y/useSemanticElements: a group of options in a listbox, not a fieldset
            <div key={group.id} role="group" aria-labelledby={`${id}${group.id}title`}>
              <div className="palette-title" id={`${id}${group.id}title`}>
                {group.title}
              </div>
              {group.items.map((item) => (
                // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus and names the active option
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys go through the input
                <div
                  key={item.id}
                  id={`${id}${item.id}`}
                  className={items[active] === item ? 'palette-item is-active' : 'palette-item'}
                  role="option"
                  aria-selected={items[active] === item}
                  onMouseMove={() => setActive(items.indexOf(item))}
                  onClick={() => run(item)}
                >
                  <Icon name={item.icon} />
                  <Marked text={item.text} query={query} />
                  {item.note !== undefined && <span className="second">{item.note}</span>}
                  {item.keyHint !== undefined && <Key>{item.keyHint}</Key>}
                </div>
              ))}
            </div>
          ),
        )}
      </div>
      {items.length === 0 && (
        <p className="palette-empty" role="status">
          {emptyText}
        </p>
      )}
      {hints !== undefined && (
        <div className="palette-foot" aria-hidden="true">
          {hints.map((hint) => (
            <span key={hint.text}>
              {hint.keys.map((key) => (
                <Key key={key}>{key}</Key>
              ))}
              {hint.text}
            </span>
          ))}
        </div>
      )}
    </>
  );
}

/* Every act and every object, behind one key. */
export function Palette(props: PaletteProps) {
  return (
    <Modal.Root
      opened={props.isOpen}
      onClose={props.onClose}
      unstyled
      transitionProps={{ duration: 0 }}
      classNames={{ inner: 'palette-inner', content: 'palette', overlay: 'scrim' }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={props.label}>
        <PaletteInside {...props} />
      </Modal.Content>
    </Modal.Root>
  );
}
