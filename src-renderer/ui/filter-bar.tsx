import type { MouseEvent, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import './styles/filter-bar.css';

export interface FilterBarProps {
  label: string;
  /* Segments: the views. */
  views?: ReactNode;
  /* Search box and filters at the right end. */
  children?: ReactNode;
}

export function FilterBar({ label, views, children }: FilterBarProps) {
  return (
    <search className="bar" aria-label={label}>
      {views}
      <span className="spring" />
      {children}
    </search>
  );
}

export interface FilterButtonProps {
  icon: IconName;
  /* "State", or "State is Slow" while it narrows. */
  text: string;
  isOn: boolean;
  onClick?: (event: MouseEvent) => void;
  /* Shown while it narrows. */
  clear?: { label: string; onClear: () => void };
  ref?: Ref<HTMLButtonElement>;
}

/* Dashed until it narrows, then solid blue. Wrap it in Menu for the choices. */
export function FilterButton({ icon, text, isOn, clear, ref, ...rest }: FilterButtonProps) {
  const isClearable = isOn && clear !== undefined;
  return (
    <span className={classNames('filter-pair', isOn && 'is-on')}>
      <button type="button" ref={ref} {...rest} className={classNames('filter', isOn && 'is-on', isClearable && 'is-clearable')}>
        <Icon name={icon} />
        {text}
      </button>
      {isClearable && (
        <button type="button" className="filter-clear" aria-label={clear.label} onClick={clear.onClear}>
          <Icon name="x" />
        </button>
      )}
    </span>
  );
}

export interface SelectionBarProps {
  /* "3 selected". */
  text: string;
  acts: ReactNode;
  note?: ReactNode;
  /* Clear, with its key. */
  clear: ReactNode;
  label: string;
}

/* Has its own place below the table: no row moves when one is ticked. */
export function SelectionBar({ text, acts, note, clear, label }: SelectionBarProps) {
  return (
    <div className="bar is-selection" role="toolbar" aria-label={label}>
      <b role="status">{text}</b>
      <span className="divide" />
      {acts}
      <span className="spring" />
      {note !== undefined && <span className="selection-note">{note}</span>}
      {clear}
    </div>
  );
}
