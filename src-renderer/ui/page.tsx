import { Fragment, type ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';

export interface PageProps {
  children: ReactNode;
  /* wide: a table takes all. fixed: the page does not scroll, its table does. bare: fixed, without padding. */
  width?: 'normal' | 'wide' | 'fixed' | 'bare';
}

export function Page({ children, width = 'normal' }: PageProps) {
  return (
    <div
      className={classNames(
        'page',
        (width === 'wide' || width === 'fixed') && 'is-wide',
        (width === 'fixed' || width === 'bare') && 'is-fixed',
        width === 'bare' && 'is-bare',
      )}
    >
      {children}
    </div>
  );
}

export interface Crumb {
  text: string;
  href?: string;
}

export interface PageHeadProps {
  title: ReactNode;
  /* Beside the title: the object's chip. */
  chip?: ReactNode;
  says?: ReactNode;
  crumbs?: readonly Crumb[];
  crumbsLabel?: string;
  /* Quiet buttons first, the one primary last. */
  acts?: ReactNode;
}

export function Crumbs({ crumbs, label }: { crumbs: readonly Crumb[]; label: string }) {
  return (
    <nav className="crumbs" aria-label={label}>
      {crumbs.map((crumb, index) => (
        <Fragment key={`${crumb.href ?? ''} ${crumb.text}`}>
          {index > 0 && <Icon name="chevron-right" />}
          {crumb.href === undefined ? <span>{crumb.text}</span> : <a href={crumb.href}>{crumb.text}</a>}
        </Fragment>
      ))}
    </nav>
  );
}

export function PageHead({ title, chip, says, crumbs, crumbsLabel = '', acts }: PageHeadProps) {
  return (
    <>
      {crumbs !== undefined && <Crumbs crumbs={crumbs} label={crumbsLabel} />}
      <header className="page-head">
        <div>
          <h1 tabIndex={-1}>
            {title}
            {chip}
          </h1>
          {says !== undefined && <div className="page-says">{says}</div>}
        </div>
        {acts !== undefined && <div className="actions">{acts}</div>}
      </header>
    </>
  );
}

export interface SectionHeadProps {
  title: ReactNode;
  says?: ReactNode;
  acts?: ReactNode;
}

export function SectionHead({ title, says, acts }: SectionHeadProps) {
  return (
    <div className="section-head">
      <h2>{title}</h2>
      {says !== undefined && <p>{says}</p>}
      <span className="spring" />
      {acts}
    </div>
  );
}

export interface ColumnsProps {
  children: ReactNode;
  look?: 'aside' | 'two';
}

/* aside: main column and a narrow one of facts; two: equal halves. One column on narrow screens. */
export function Columns({ children, look = 'aside' }: ColumnsProps) {
  return <div className={`columns is-${look}`}>{children}</div>;
}

export function Stack({ children }: { children: ReactNode }) {
  return <div className="stack">{children}</div>;
}

export function Row({ children }: { children: ReactNode }) {
  return <div className="row">{children}</div>;
}
