import type { ReactNode } from 'react';
import { Fold } from './fold.tsx';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import { useSeen } from './use-seen.ts';
import './styles/panel.css';
import './styles/verdict.css';

export interface VerdictProps {
  state: State;
  title: ReactNode;
  why: ReactNode;
  acts?: ReactNode;
  /* What the button does. */
  actsSay?: ReactNode;
  evidence?: { title: string; content: ReactNode };
  /* A diagnostic path above the head: the doctor's drawing. */
  children?: ReactNode;
}

/* What is wrong, why, and the way out; one per page. */
export function Verdict({ state, title, why, acts, actsSay, evidence, children }: VerdictProps) {
  const part = useSeen<HTMLElement>();
  return (
    <section ref={part} className="panel verdict" data-state={state}>
      {children}
      <div className="verdict-head">
        <StateMark state={state} />
        <h2>{title}</h2>
        <div className="verdict-why">{why}</div>
      </div>
      {(acts !== undefined || actsSay !== undefined) && (
        <div className="verdict-do">
          {acts !== undefined && <div className="row verdict-acts">{acts}</div>}
          {actsSay !== undefined && <p>{actsSay}</p>}
        </div>
      )}
      {evidence !== undefined && <Fold title={evidence.title}>{evidence.content}</Fold>}
    </section>
  );
}
