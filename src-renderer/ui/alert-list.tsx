import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { RelativeTime } from './relative-time.tsx';
import { StateChip } from './state-chip.tsx';
import type { State } from './types.ts';
import './styles/panel.css';
import './styles/alert-list.css';

export interface AlertRowProps {
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

export function AlertRow({ state, word, title, href, age, cause, act }: AlertRowProps) {
  return (
    <li className="alert">
      <StateChip state={state}>{word}</StateChip>
      <div>
        <b>
          {href === undefined ? title : <a href={href}>{title}</a>}
          <span className="alert-age">{age}</span>
        </b>
        <p>{cause}</p>
      </div>
      {act !== undefined && <div className="actions">{act}</div>}
    </li>
  );
}

export function AlertList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ol className="panel alerts" aria-label={label}>
      {children}
    </ol>
  );
}

export interface AlertLine {
  id: string;
  state: State;
  word: string;
  title: string;
  href: string;
  /* Undefined where an age would say nothing. */
  sinceMs: number | undefined;
  isOld: boolean;
  cause: string;
  /* The words of the one button. */
  act: string;
}

/* The list as most pages want it: a row an alert, its age, and one button that leads where its name does. */
export function AlertLines({ label, lines }: { label: string; lines: readonly AlertLine[] }) {
  return (
    <AlertList label={label}>
      {lines.map(({ id, sinceMs, isOld, act, ...row }) => (
        <AlertRow
          key={id}
          {...row}
          age={sinceMs === undefined ? undefined : <RelativeTime timeMs={sinceMs} isOld={isOld} />}
          act={<Button href={row.href}>{act}</Button>}
        />
      ))}
    </AlertList>
  );
}
