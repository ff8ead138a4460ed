import type { ReactNode } from 'react';
import './styles/state.css';

/* A customer's or operator's own word on an object. */
export function Label({ children }: { children: ReactNode }) {
  return <span className="label">{children}</span>;
}
