import { stateDrawings } from './state-drawings.tsx';
import type { MarkState } from './types.ts';
import './styles/state.css';

export interface StateMarkProps {
  state: MarkState;
  /* Wears the colour of its state; off where the surroundings already do. */
  coloured?: boolean;
  label?: string;
}

export function StateMark({ state, coloured = false, label }: StateMarkProps) {
  const hidden = label === undefined;
  return (
    <svg
      className={coloured ? 'state-icon is-coloured' : 'state-icon'}
      data-state={coloured ? state : undefined}
      viewBox="0 0 16 16"
      aria-hidden={hidden || undefined}
      role={hidden ? undefined : 'img'}
      aria-label={label}
    >
      {stateDrawings[state]}
    </svg>
  );
}
