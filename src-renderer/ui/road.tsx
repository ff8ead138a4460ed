import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { State } from './types.ts';
import './styles/road.css';

export interface Stone {
  id: string;
  /* Stones behind the first broken one are "unknown": not reached. */
  state: State;
  /* The state's word for a screen reader: the mark alone says nothing to it. */
  word: string;
  title: ReactNode;
  says: ReactNode;
}

/* From the visitor to the application. The same drawing is health, diagnosis and proof. */
export function Road({ label, stones }: { label: string; stones: readonly Stone[] }) {
  return (
    <ol className="road" aria-label={label}>
      {stones.map((stone) => (
        <li key={stone.id} className="stone" data-state={stone.state}>
          <StateMark state={stone.state} />
          <b>
            {stone.title}
            <span className="hidden-text">: {stone.word}</span>
          </b>
          <p>{stone.says}</p>
        </li>
      ))}
    </ol>
  );
}
