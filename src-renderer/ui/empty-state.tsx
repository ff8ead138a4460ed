import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-drawings.tsx';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/state.css';
import './styles/empty-state.css';

export interface EmptyStateProps {
  /* What lives here, or the state of a quiet day. */
  mark: { icon: IconName } | { state: State };
  title: ReactNode;
  /* What this place is for. */
  children?: ReactNode;
  /* One button. */
  act?: ReactNode;
}

export function EmptyState({ mark, title, children, act }: EmptyStateProps) {
  return (
    <div className="empty" data-state={'state' in mark ? mark.state : undefined}>
      <span className="mark">{'state' in mark ? <StateMark state={mark.state} /> : <Icon name={mark.icon} size={20} />}</span>
      <b>{title}</b>
      {children !== undefined && <div className="empty-says">{children}</div>}
      {act !== undefined && <div className="actions">{act}</div>}
    </div>
  );
}
