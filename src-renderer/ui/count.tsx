import type { State } from './types.ts';
import './styles/state.css';

export interface CountProps {
  value: number;
  state?: State;
  /* What is counted, for a screen reader: "3 alerts". */
  label: string;
}

export function Count({ value, state, label }: CountProps) {
  return (
    <span className="count" data-state={state}>
      <span aria-hidden="true">{value}</span>
      <span className="hidden-text">{label}</span>
    </span>
  );
}
