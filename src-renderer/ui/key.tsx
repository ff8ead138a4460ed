import type { ReactNode } from 'react';
import './styles/key.css';

export function Key({ children }: { children: ReactNode }) {
  return <kbd className="key">{children}</kbd>;
}
