/* biome-ignore-all lint/a11y/useSemanticElements: cards and sentences as radios; arrows and the single tab stop are ours, see roving.ts */
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { nextInGroup, tabStopOfGroup } from './roving.ts';

export interface RadioEntry {
  id: string;
  className: string;
  content: ReactNode;
  isOff: boolean;
}

export interface RadioGroupProps {
  className: string;
  labelledBy?: string;
  label?: string;
  entries: readonly RadioEntry[];
  value: string | null;
  onChange: (id: string) => void;
}

/* ARIA radio group with one tab stop: arrows choose, entries that cannot be chosen are said but skipped. */
export function RadioGroup({ className, labelledBy, label, entries, value, onChange }: RadioGroupProps) {
  const group = useRef<HTMLDivElement>(null);
  const isEnabled = entries.map((entry) => !entry.isOff);
  const stop = tabStopOfGroup(
    entries.findIndex((entry) => entry.id === value),
    isEnabled,
  );
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const next = nextInGroup(event.key, index, isEnabled);
    const entry = next === null ? undefined : entries[next];
    if (next === null || entry === undefined) return;
    event.preventDefault();
    onChange(entry.id);
    group.current?.querySelectorAll<HTMLElement>('[role="radio"]')[next]?.focus();
  };
  return (
    <div ref={group} className={className} role="radiogroup" aria-labelledby={labelledBy} aria-label={label}>
      {entries.map((entry, index) => (
        <button
          key={entry.id}
          type="button"
          className={entry.className}
          role="radio"
          aria-checked={entry.id === value}
          aria-disabled={entry.isOff || undefined}
          tabIndex={index === stop ? 0 : -1}
          onClick={() => !entry.isOff && onChange(entry.id)}
          onKeyDown={(event) => onKeyDown(event, index)}
        >
          {entry.content}
        </button>
      ))}
    </div>
  );
}
