import type { ReactNode } from 'react';
import './styles/facts.css';

export interface Fact {
  id: string;
  name: ReactNode;
  value: ReactNode;
  /* Measured too long ago: grey, with its age in the value. */
  isOld?: boolean;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div className="fact" key={fact.id}>
          <dt className={fact.isOld === true ? 'old' : undefined}>{fact.name}</dt>
          <dd className={fact.isOld === true ? 'old' : undefined}>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
