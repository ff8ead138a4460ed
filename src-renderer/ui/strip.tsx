import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';

export interface StripProps {
  /* How old what you see is: "All 12 servers answered in the last 5 s". */
  freshness: { state: State; text: ReactNode };
  /* The tray's button. */
  children?: ReactNode;
}

export function Strip({ freshness, children }: StripProps) {
  return (
    <footer className="strip">
      <span className="row" role="status">
        <StateMark state={freshness.state} coloured />
        {freshness.text}
      </span>
      <span className="spring" />
      {children}
    </footer>
  );
}
