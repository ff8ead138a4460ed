import type { ReactNode } from 'react';
import './styles/panel.css';
import './styles/figures.css';

export interface Figure {
  id: string;
  title: string;
  value: ReactNode;
  /* "ms", "instances of plan S"; no number without a unit or noun. */
  unit: ReactNode;
  says: ReactNode;
  spark?: ReactNode;
}

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="panel figures">
      {figures.map((figure) => (
        <div className="figure" key={figure.id}>
          <dt>
            {figure.title}
            {figure.spark !== undefined && <span className="figure-spark">{figure.spark}</span>}
          </dt>
          <dd className="value">
            {figure.value}
            <small> {figure.unit}</small>
          </dd>
          <dd className="says">{figure.says}</dd>
        </div>
      ))}
    </dl>
  );
}
