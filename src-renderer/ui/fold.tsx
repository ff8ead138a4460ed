import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './styles/fold.css';

export interface FoldProps {
  title: ReactNode;
  children: ReactNode;
  isOpenAtFirst?: boolean;
}

/* Technical evidence lives one fold below the sentence, selectable. */
export function Fold({ title, children, isOpenAtFirst = false }: FoldProps) {
  return (
    <details className="fold" open={isOpenAtFirst || undefined}>
      <summary>
        <Icon name="chevron-right" />
        {title}
      </summary>
      {children}
    </details>
  );
}

export function Evidence({ children }: { children: ReactNode }) {
  return <pre className="evidence mono">{children}</pre>;
}
