import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/diagnostic-path.css';

export interface PathCheckShown {
  id: string;
  /* Checks behind the first broken one are "unknown": not reached. */
  state: State;
  /* The state's word for a screen reader: the mark alone says nothing to it. */
  word: string;
  title: ReactNode;
  says: ReactNode;
}

/* From the visitor to the application. The same drawing is health, diagnosis and proof. */
export function DiagnosticPath({ label, checks }: { label: string; checks: readonly PathCheckShown[] }) {
  return (
    <ol className="diagnostic-path" aria-label={label}>
      {checks.map((check) => (
        <li key={check.id} className="path-check" data-state={check.state}>
          <StateMark state={check.state} />
          <b>
            {check.title}
            <span className="hidden-text">: {check.word}</span>
          </b>
          <p>{check.says}</p>
        </li>
      ))}
    </ol>
  );
}
