import type { ReactNode } from 'react';
import { StateChip } from './state-chip.tsx';
import type { State } from './types.ts';
import './styles/panel.css';
import './styles/worry-list.css';

export interface WorryRowProps {
  state: State;
  /* The chip's word: "Down", "Disk fills up". */
  word: string;
  title: ReactNode;
  href?: string;
  age: ReactNode;
  cause: ReactNode;
  /* One button that leads into the cure. */
  act?: ReactNode;
}

export function WorryRow({ state, word, title, href, age, cause, act }: WorryRowProps) {
  return (
    <li className="worry">
      <StateChip state={state}>{word}</StateChip>
      <div>
        <b>
          {href === undefined ? title : <a href={href}>{title}</a>}
          <span className="worry-age">{age}</span>
        </b>
        <p>{cause}</p>
      </div>
      {act !== undefined && <div className="actions">{act}</div>}
    </li>
  );
}

export function WorryList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ol className="panel worries" aria-label={label}>
      {children}
    </ol>
  );
}
