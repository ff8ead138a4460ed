import { type ReactNode, useCallback } from 'react';
import { classNames } from './class-names.ts';
import './styles/check.css';

export interface CheckProps {
  /* Shown beside the box, or only said when "isLabelHidden". */
  label: ReactNode;
  isLabelHidden?: boolean;
  value: boolean | 'some';
  onChange: (value: boolean) => void;
  tabIndex?: number;
}

export function Check({ label, isLabelHidden = false, value, onChange, tabIndex }: CheckProps) {
  // "Some" is a property of the element, not an attribute: only so it is said as "mixed".
  const mixed = useCallback(
    (element: HTMLInputElement | null) => {
      if (element !== null) element.indeterminate = value === 'some';
    },
    [value],
  );
  return (
    <label className={classNames('check-label', isLabelHidden && 'is-bare')}>
      <input
        type="checkbox"
        className={classNames('check', value === 'some' && 'is-some')}
        checked={value === true}
        tabIndex={tabIndex}
        ref={mixed}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={isLabelHidden ? 'hidden-text' : undefined}>{label}</span>
    </label>
  );
}
