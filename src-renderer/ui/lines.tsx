import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { MarkState } from './types.ts';
import './styles/lines.css';

export interface Line {
  id: string;
  mark: MarkState;
  word: string;
  text: ReactNode;
  says?: ReactNode;
  /* An age, a duration or a short value at the right end. */
  end?: ReactNode;
}

/* Short lists inside panels: what happened here, proof, what exists now. */
export function Lines({ label, lines }: { label: string; lines: readonly Line[] }) {
  return (
    <ul className="lines" aria-label={label}>
      {lines.map((line) => (
        <li key={line.id} data-state={line.mark}>
          <StateMark state={line.mark} />
          <span>
            <span className="hidden-text">{line.word}: </span>
            {line.text}
            {line.says !== undefined && <p>{line.says}</p>}
          </span>
          <span className="lines-end">{line.end}</span>
        </li>
      ))}
    </ul>
  );
}
