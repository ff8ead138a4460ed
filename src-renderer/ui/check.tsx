import type { ReactNode } from 'react';
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
  return (
    <label className={classNames('check-label', isLabelHidden && 'is-bare')}>
      <input
        type="checkbox"
        className={classNames('check', value === 'some' && 'is-some')}
        checked={value === true}
        tabIndex={tabIndex}
        aria-checked={value === 'some' ? 'mixed' : value}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={isLabelHidden ? 'hidden-text' : undefined}>{label}</span>
    </label>
  );
}
