import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import './styles/panel.css';

export interface PanelProps {
  children: ReactNode;
  title?: ReactNode;
  /* Faint words beside the title. */
  note?: ReactNode;
  /* Acts at the right end of the head. */
  acts?: ReactNode;
  foot?: ReactNode;
  /* line: head with a hairline, body as given. open: title and body share one padding. bare: children only. */
  look?: 'line' | 'open' | 'bare';
  headingLevel?: 2 | 3;
  label?: string;
}

export function Panel({ children, title, note, acts, foot, look, headingLevel = 2, label }: PanelProps) {
  const Heading = headingLevel === 2 ? 'h2' : 'h3';
  const kind = look ?? (title === undefined ? 'open' : 'line');
  const head =
    title === undefined ? null : (
      <div className={kind === 'line' ? 'panel-head' : 'row panel-title'}>
        <Heading className="h">{title}</Heading>
        {note !== undefined && <span className="faint">{note}</span>}
        {acts !== undefined && <span className="spring" />}
        {acts}
      </div>
    );
  return (
    <section className={classNames('panel', kind === 'open' && 'is-padded')} aria-label={label}>
      {head}
      {children}
      {foot !== undefined && <div className="panel-foot">{foot}</div>}
    </section>
  );
}

export function PanelBody({ children }: { children: ReactNode }) {
  return <div className="panel-body">{children}</div>;
}
