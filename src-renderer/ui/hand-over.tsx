import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';
import { StateMark } from './state-mark.tsx';
import { classNames } from './class-names.ts';
import './styles/hand-over.css';

export interface HandOverRow {
  id: string;
  name: string;
  value: string;
  /* Only the address. */
  href?: string;
  copyLabel: string;
}

export interface HandOverProps {
  title: string;
  says: ReactNode;
  rows: readonly HandOverRow[];
  /* Between the head and the rows: what the person is asked to look at. */
  children?: ReactNode;
  copiedLabel: string;
  /* "The password is shown once and not kept." */
  once?: string;
  acts: ReactNode;
  /* At the right end: Done. */
  leave?: ReactNode;
  onCopy: (text: string) => Promise<void>;
}

/* The only card with a shadow: address, name and first password go from here to a person. */
export function HandOver({ title, says, rows, children, copiedLabel, once, acts, leave, onCopy }: HandOverProps) {
  return (
    <section className="handover">
      <div className="handover-head">
        <span className="seal">
          <StateMark state="good" />
        </span>
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          <p>{says}</p>
        </div>
      </div>
      {children !== undefined && <div className="handover-look">{children}</div>}
      <dl>
        {rows.map((row) => (
          <div key={row.id} className={classNames('handover-row', row.href !== undefined && 'is-address')}>
            <dt>{row.name}</dt>
            <dd>
              {row.href === undefined ? (
                row.value
              ) : (
                <a href={row.href} target="_blank" rel="noreferrer">
                  {row.value}
                </a>
              )}
            </dd>
            <dd className="handover-copy">
              <CopyButton text={row.value} label={row.copyLabel} copiedLabel={copiedLabel} onCopy={onCopy} />
            </dd>
          </div>
        ))}
      </dl>
      {once !== undefined && (
        <p className="once">
          <Icon name="eye-off" />
          {once}
        </p>
      )}
      <div className="handover-foot">
        {acts}
        <span className="spring" />
        {leave}
      </div>
    </section>
  );
}
