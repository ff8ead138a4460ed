import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/state.css';

export interface StateChipProps {
  state: State;
  /* The word of the state; never colour alone. */
  children: ReactNode;
  /* filled beside a title, plain in lists, small for an exception in a table. */
  look?: 'filled' | 'plain' | 'small';
}

export function StateChip({ state, children, look = 'filled' }: StateChipProps) {
  return (
    <span className={classNames('chip', look === 'plain' && 'is-plain', look === 'small' && 'is-small')} data-state={state}>
      <StateMark state={state} />
      {children}
    </span>
  );
}
