/* What a key does to a table with one active row. Pure, so that every key has its line in a test. */
export type TableAct =
  | { act: 'move'; to: number; isExtending: boolean }
  | { act: 'toggle' }
  | { act: 'open' }
  | { act: 'select-all' }
  | { act: 'clear' };

export interface TableKey {
  key: string;
  isShift: boolean;
  /* Ctrl, or Cmd on a Mac. */
  isControl: boolean;
}

export interface TablePlace {
  active: number;
  rowCount: number;
  /* Rows that fit on one screen. */
  pageRows: number;
  canSelect: boolean;
}

function destination(key: string, { active, rowCount, pageRows }: TablePlace): number | null {
  const last = rowCount - 1;
  const page = Math.max(1, pageRows - 1);
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, active + 1);
    case 'ArrowUp':
      return Math.max(0, active - 1);
    case 'PageDown':
      return Math.min(last, active + page);
    case 'PageUp':
      return Math.max(0, active - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

export function tableAct(pressed: TableKey, place: TablePlace): TableAct | null {
  if (place.rowCount === 0) return null;
  const to = destination(pressed.key, place);
  if (to !== null) return { act: 'move', to, isExtending: pressed.isShift && place.canSelect };
  if (pressed.key === 'Enter') return { act: 'open' };
  if (!place.canSelect) return null;
  if (pressed.key === ' ') return { act: 'toggle' };
  if (pressed.isControl && (pressed.key === 'a' || pressed.key === 'A')) return { act: 'select-all' };
  return pressed.key === 'Escape' ? { act: 'clear' } : null;
}

/* The indices between anchor and target, both in; in rising order. */
export function indicesBetween(anchor: number, target: number): number[] {
  const first = Math.min(anchor, target);
  return Array.from({ length: Math.abs(anchor - target) + 1 }, (_, offset) => first + offset);
}
